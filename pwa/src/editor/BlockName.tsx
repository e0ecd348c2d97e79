/** What a block is called: its name for the eye, its name and id for the ear, since ids mean nothing to a person. */

import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import type { ModelArchitecture } from '../generated/wire'

export function BlockName({ design, id }: { design: ModelArchitecture; id: string }) {
  const component = findComponent(design, id)
  if (!component) return id
  return (
    <>
      <span aria-hidden="true">{nameIn(design, id)}</span>
      <span className="sr-only">{nameOf(component)}</span>
    </>
  )
}
