/** For tests: the rules of `shared_py`, in a Python process, behind the port that the Python worker offers. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RulesCall } from '../python/protocol'

const root = join(import.meta.dirname, '..', '..', '..')
export const python = process.env.PYTHON ?? join(root, '.venv', 'bin', 'python')
const SCRIPT = `
import json, sys
from shared_py import pyodide_api
for line in sys.stdin:
    call = json.loads(line)
    try:
        said = {"answer": getattr(pyodide_api, call["kind"])(*call["args"]).decode("latin-1")}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)`

/** Answers calls one after the other, like the worker. */
export class TestRules {
  private readonly process: ChildProcessWithoutNullStreams
  private readonly waiting: ((line: string) => void)[] = []
  /** how many calls were answered */
  calls = 0
  /** while true, calls get no answer */
  silent = false

  constructor() {
    this.process = spawn(python, ['-c', SCRIPT], { cwd: root })
    createInterface({ input: this.process.stdout }).on('line', (line) => this.waiting.shift()?.(line))
  }

  /** Serve a port, as the worker does with a port that it was offered. */
  readonly offer = (port: MessagePort): void => {
    port.onmessage = ({ data }: MessageEvent<RulesCall>) => void this.answer(port, data)
    port.postMessage({ type: 'ready' })
  }

  /** Whether a call has no answer yet. */
  get busy(): boolean {
    return this.waiting.length > 0
  }

  end(): void {
    this.process.kill()
  }

  private async answer(port: MessagePort, { id, kind, args }: RulesCall): Promise<void> {
    if (this.silent) return
    const line = new Promise<string>((resolve) => this.waiting.push(resolve))
    this.process.stdin.write(`${JSON.stringify({ kind, args })}\n`)
    const said = JSON.parse(await line) as { answer?: string; error?: string }
    this.calls += 1
    if (said.answer === undefined) port.postMessage({ type: 'error', id, detail: said.error })
    else port.postMessage({ type: 'answer', id, bytes: Uint8Array.from(Buffer.from(said.answer, 'latin1')).buffer })
  }
}
