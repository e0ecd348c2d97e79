/** Takes a trained network home: one tap downloads it, a small menu chooses the type of file. */

import { Menu } from '@base-ui/react/menu'
import { useState } from 'react'
import { type ExportFormat, exportFile } from '../api/api'
import { toast } from '../app/ui'
import { Icon } from '../theme/Icon'
import { sentenceForExport } from './sentence'
import './export.css'

const OTHERS: { fmt: ExportFormat; words: string; meaning: string }[] = [
  { fmt: 'onnx', words: '.onnx', meaning: 'plays anywhere' },
  { fmt: 'pt', words: '.pt', meaning: 'weights for PyTorch' },
  { fmt: 'safetensors', words: '.safetensors', meaning: 'weights, safe to load' },
  { fmt: 'py', words: '.py', meaning: 'the code alone' },
]

export function ExportButtons({ designId }: { designId: string }) {
  const [busy, setBusy] = useState(false)
  const take = async (fmt: ExportFormat) => {
    setBusy(true)
    try {
      await exportFile(designId, fmt)
    } catch (error) {
      toast(sentenceForExport(error), 'bad')
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="export">
      <button
        type="button"
        className="button"
        data-look="primary"
        disabled={busy}
        aria-busy={busy}
        onClick={() => void take('onnx')}
      >
        {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="save" />} Export
      </button>
      <Menu.Root modal={false}>
        <Menu.Trigger className="button" data-look="primary" data-square aria-label="File type" disabled={busy}>
          <Icon name="up" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="menu-place" side="top" align="end" sideOffset={6}>
            <Menu.Popup className="menu">
              {OTHERS.map(({ fmt, words, meaning }) => (
                <Menu.Item key={fmt} className="menu-item" onClick={() => void take(fmt)}>
                  <b className="mono">{words}</b> <small>{meaning}</small>
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}
