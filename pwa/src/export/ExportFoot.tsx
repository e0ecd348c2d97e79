/** The lower edge of the Export dialog: how the file stands, and the buttons that save and share it. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { canShare } from '../lib/share_file'
import { Icon } from '../ui/Icon'
import { byteWords } from '../ui/numbers'
import { sizeWords } from './FileChoice'
import { fileName } from './file_name'
import { cancelExport, exportFile, isBusy, isSameFile, type Job, jobStore, unshareable, type WantedFile } from './job'
import { type Chosen, FORMATS } from './offers'
import { exportedSentence, REMEDY_LABELS } from './sentences'

interface Props {
  designId: string
  /** of the design */
  name: string
  chosen: Chosen
  onReload: () => void
}

export function ExportFoot({ designId, name, chosen, onReload }: Props) {
  const job = useStore(jobStore)
  const wanted = wantedOf(designId, name, chosen)
  const { fmt } = wanted
  const shares = useMemo(() => canShare(new File([''], `network.${fmt}`, { type: 'application/octet-stream' })), [fmt])
  if (isBusy(job)) return <Progress job={job} />
  const isOfThis = isSameFile(job.wanted, wanted)
  const remedy = () => {
    onReload()
    if (job.trouble?.remedy === 'retry') void exportFile(wanted, job.way)
  }
  return (
    <div className="export-foot">
      {isOfThis && job.trouble && (
        <div className="export-trouble" role="alert">
          <p>{job.trouble.text}</p>
          <button type="button" className="button" onClick={remedy}>
            {REMEDY_LABELS[job.trouble.remedy]}
          </button>
        </div>
      )}
      {isOfThis && !job.trouble && <Outcome job={job} />}
      <div className="export-buttons">
        {shares && !unshareable.has(fmt) && (
          <button type="button" className="button" onClick={() => void exportFile(wanted, 'share')}>
            <Icon name="share" /> Share
          </button>
        )}
        <button type="button" className="button" data-look="primary" onClick={() => void exportFile(wanted, 'save')}>
          <Icon name="save" />
          <span>
            Save <span className="mono">.{fmt}</span>
            <small>{sizeWords(chosen.file)}</small>
          </span>
        </button>
      </div>
    </div>
  )
}

function wantedOf(designId: string, name: string, { run, checkpoint, file }: Chosen): WantedFile {
  const { steps } = checkpoint
  return {
    ...{ designId, runId: run.id, checkpoint: checkpoint.checkpoint, steps, fmt: file.fmt },
    ...{ keptId: file.keptId, onServer: file.onServer },
    keptName: fileName(name, run.id, checkpoint.checkpoint, steps, file.fmt),
  }
}

function Progress({ job: { wanted, phase, done, total } }: { job: Job }) {
  const format = FORMATS.find(({ suffix }) => suffix === wanted?.fmt)
  const isWriting = phase === 'writing'
  const words = isWriting ? (format?.wait ?? 'Writing the file') : `Downloading the .${wanted?.fmt} file`
  return (
    <div className="export-foot">
      <div className="export-progress" role="status" aria-label="Progress">
        <p>
          {words}
          {!isWriting && <span>{total === null ? byteWords(done) : `${byteWords(done)} of ${byteWords(total)}`}</span>}
        </p>
        <button type="button" className="button" onClick={cancelExport}>
          Cancel
        </button>
        {isWriting || total === null ? (
          <i className="export-moving" aria-hidden="true" />
        ) : (
          <progress value={done} max={total} aria-label="Downloaded" />
        )}
      </div>
    </div>
  )
}

/** What became of the file, and which network it has. */
function Outcome({ job: { phase, exported, remark } }: { job: Job }) {
  const words = { saved: 'Saved.', shared: 'Shared.', ready: 'The file is ready: tap Share.' }[phase as string]
  if (!words) return null
  const sentence = exported && exportedSentence(exported)
  return (
    <p className="export-outcome" role="status" aria-label="File">
      <Icon name="compile" />
      <span>
        {remark ?? words} {sentence}
        {exported?.note && <span className="export-note">{exported.note}</span>}
      </span>
    </p>
  )
}
