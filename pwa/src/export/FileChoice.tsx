/** The type of file, with its size, and how the network in it was checked. */

import { byteWords, exactly } from '../ui/numbers'
import { FORMATS, isAvailable, KEPT_FORMAT, type OfferedCheckpoint, type OfferedFile } from './offers'

interface Props {
  checkpoint: OfferedCheckpoint
  chosen: OfferedFile
  onChoose: (fmt: string) => void
}

export function FileChoice({ checkpoint, chosen, onChoose }: Props) {
  return (
    <div className="export-part" role="radiogroup" aria-label="File">
      <h3 className="sheet-heading">File</h3>
      <div className="export-files">
        {FORMATS.map(({ suffix, title, help }) => {
          const file = checkpoint.files.find(({ fmt }) => fmt === suffix)
          return (
            <label key={suffix} className="export-row">
              <input
                type="radio"
                className="whole-label"
                name="export-file"
                checked={suffix === chosen.fmt}
                disabled={!file || !isAvailable(file)}
                onChange={() => onChoose(suffix)}
              />
              <i className="radio-mark" aria-hidden="true" />
              <span className="export-words">
                <b className="mono">.{suffix}</b>
                <small>
                  {title}: {help}
                  {file?.keptId != null && ' · on this phone'}
                </small>
              </span>
              <span className="export-size">{file && isAvailable(file) ? sizeWords(file) : 'needs the server'}</span>
            </label>
          )
        })}
      </div>
      <p className="quiet export-check" data-warns={chosen.note !== null || undefined}>
        {checkWords(chosen)}
      </p>
    </div>
  )
}

/** "42 kB" where the file was written, "about 42 kB" before that. */
export function sizeWords({ bytes, isExact }: OfferedFile): string {
  if (bytes === null) return ''
  return isExact ? byteWords(bytes) : `about ${byteWords(bytes)}`
}

/** How far the file's network agrees with PyTorch, or what is missing in the file. */
export function checkWords({ fmt, largestDifference, checkedBoards, note }: OfferedFile): string {
  if (note !== null) return note
  if (largestDifference !== null && checkedBoards !== null)
    return `Checked: the same as PyTorch on ${exactly(checkedBoards)} boards, largest difference ${differenceWords(largestDifference)}.`
  if (fmt === KEPT_FORMAT) return 'It is compared with PyTorch on at least 1,000 boards when it is written.'
  return ''
}

/** 0.0000014 → "1.4e-6" */
const differenceWords = (difference: number): string => (difference === 0 ? '0' : difference.toExponential(1))
