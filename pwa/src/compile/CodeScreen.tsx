/** The Code screen: the PyTorch text of the design, and what the server proved about it. */

import { useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { validationStore } from '../editor/validation'
import type { LineSpan } from '../generated/wire'
import { pythonState } from '../python/client'
import type { WorkerState } from '../python/queue'
import { Icon } from '../ui/Icon'
import { CompileCard } from './CompileCard'
import './code.css'
import { compileStore, followCompile, followSource, sourceOf } from '../editor/compile_state'
import { showToast } from '../ui/toasts'
import { tokenLines } from './python_tokens'

export function CodeScreen() {
  const designId = useStore(documentStore, (state) => state.design?.id)
  useEffect(() => (designId ? followCompile(designId) : undefined), [designId])
  useEffect(followSource, [])
  return (
    <div className="code-screen">
      <CompileCard />
      <SourceBox />
    </div>
  )
}

const LINES_ABOVE_PX = 56
const noSpans: LineSpan[] = []

function SourceBox() {
  const state = useStore(compileStore)
  const invalid = useStore(validationStore, ({ result }) => result?.valid === false)
  const selected = useStore(documentStore, ({ selection }) => (selection.length === 1 ? selection[0] : undefined))
  const text = sourceOf(state)
  const python = useStore(pythonState)
  if (!text) return <p className="quiet">{whyNoText(invalid, python)}</p>
  const spans = (selected && text.lines[selected]) || noSpans
  return (
    <section className="code-source" aria-label="Generated code">
      <header>
        <h2>PyTorch</h2>
        {invalid && <small className="stale">of the last valid design</small>}
        <button type="button" className="button" onClick={() => void copy(text.source)}>
          <Icon name="copy" /> Copy
        </button>
      </header>
      <Lines source={text.source} spans={spans} />
    </section>
  )
}

function whyNoText(invalid: boolean, { status, interrupted }: WorkerState): string {
  if (invalid) return 'The code appears once the design is valid.'
  if (status !== 'failed') return 'Writing the code…'
  const reason = interrupted ? 'The download of Python was interrupted.' : 'Python cannot run on this phone.'
  return `${reason} Compile, and the server’s code appears here.`
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    showToast('Copied')
  } catch {
    showToast('This browser did not let the text be copied', { tone: 'bad' })
  }
}

function Lines({ source, spans }: { source: string; spans: LineSpan[] }) {
  const box = useRef<HTMLPreElement>(null)
  const first = spans[0]?.first
  useEffect(() => {
    const line = first === undefined ? undefined : box.current?.querySelectorAll<HTMLElement>('.line')[first - 1]
    if (line && box.current) box.current.scrollTop = line.offsetTop - box.current.offsetTop - LINES_ABOVE_PX
  }, [first])
  const lines = useMemo(() => tokenLines(source.replace(/\n$/, '')), [source])
  const isMarked = (line: number) => spans.some(({ first, last }) => line >= first && line <= last)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable with the keyboard
    <pre ref={box} className="lines" tabIndex={0}>
      <code>
        {lines.map((tokens, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <span key={index} className="line" data-marked={isMarked(index + 1) || undefined}>
            {tokens.length === 0 && ' '}
            {tokens.map(({ text, kind }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the line
              <i key={place} data-code={kind}>
                {text}
              </i>
            ))}
            {'\n'}
          </span>
        ))}
      </code>
    </pre>
  )
}
