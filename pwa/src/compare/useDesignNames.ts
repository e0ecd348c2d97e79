/** The names of the designs on this phone. */

import { useEffect, useState } from 'react'
import { listDesigns, onDesignsChanged } from '../storage/designs'

const NOT_HERE = 'A design that is not on this phone'

/** What a design is called; `otherwise` where it is not on this phone. */
export type DesignNames = (designId: string, otherwise?: string) => string

export function useDesignNames(): DesignNames {
  const [names, setNames] = useState<Readonly<Record<string, string>>>({})
  useEffect(() => {
    let left = false
    const read = async () => {
      const designs = await listDesigns()
      if (!left) setNames(Object.fromEntries(designs.map(({ id, work }) => [id, work.name])))
    }
    void read()
    const stop = onDesignsChanged(() => void read())
    return () => {
      left = true
      stop()
    }
  }, [])
  return (designId, otherwise = NOT_HERE) => names[designId] ?? otherwise
}
