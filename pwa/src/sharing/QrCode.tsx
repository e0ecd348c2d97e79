/** A QR code; the library that makes it is loaded when the first one is shown. */

import { useEffect, useState } from 'react'

/** the blank margin that a reader needs, in modules */
const MARGIN = 4

interface Squares {
  side: number
  /** the dark squares, as one path */
  path: string
}

export function QrCode({ text, label }: { text: string; label: string }) {
  const [squares, setSquares] = useState<Squares | 'failed'>()
  useEffect(() => {
    let left = false
    squaresOf(text).then(
      (made) => left || setSquares(made),
      () => left || setSquares('failed'),
    )
    return () => {
      left = true
    }
  }, [text])
  if (squares === 'failed') return <p className="quiet">The QR code could not be made. Send the link or the file.</p>
  return (
    <div className="qr" aria-busy={squares === undefined}>
      {squares && (
        <svg role="img" aria-label={label} viewBox={`0 0 ${squares.side} ${squares.side}`} shapeRendering="crispEdges">
          <path d={squares.path} />
        </svg>
      )}
    </div>
  )
}

async function squaresOf(text: string): Promise<Squares> {
  const { correction, generate } = await import('lean-qr')
  const code = generate(text, { minCorrectionLevel: correction.L })
  let path = ''
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      let end = x
      while (end < code.size && code.get(end, y)) end++
      if (end > x) path += `M${x + MARGIN},${y + MARGIN}h${end - x}v1h${x - end}z`
      x = end
    }
  }
  return { side: code.size + 2 * MARGIN, path }
}
