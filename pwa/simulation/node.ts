/** Runs the simulation in Node: tasks and the server's answers come through the standard input and output, as frames. */
import 'fake-indexeddb/auto'
import { readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { IDBFactory } from 'fake-indexeddb'
import { cloneJson } from './clone'
import { linksOf } from './links'
import { startWith } from './phone_start'
import { type Frame, remoteServer } from './remote_server'
import { Run } from './run'
import { installFaults } from './storage'
import type { Task } from './task'

/** A frame: the length of its JSON and of its body (4 bytes each, big-endian), then both. */
function writeFrame(head: object, body = ''): void {
  const [json, text] = [Buffer.from(JSON.stringify(head)), Buffer.from(body)]
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(json.length, 0)
  lengths.writeUInt32BE(text.length, 4)
  process.stdout.write(Buffer.concat([lengths, json, text]))
}

async function* readFrames(): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0)
  for await (const chunk of process.stdin) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (;;) {
      if (rest.length < 8) break
      const [json, body] = [rest.readUInt32BE(0), rest.readUInt32BE(4)]
      if (rest.length < 8 + json + body) break
      const head = JSON.parse(rest.toString('utf8', 8, 8 + json)) as Frame['head']
      yield { head, body: rest.toString('utf8', 8 + json, 8 + json + body) }
      rest = rest.subarray(8 + json + body)
    }
  }
}

const frames = readFrames()

async function nextFrame(): Promise<Frame | undefined> {
  const { value, done } = await frames.next()
  return done ? undefined : value
}

async function ask(head: object, body?: string): Promise<Frame> {
  writeFrame(head, body)
  const frame = await nextFrame()
  if (!frame) throw new Error('the other side has ended')
  return frame
}

// an aborted transaction also rejects its `done`, which nobody waits for once a write has failed
process.on('unhandledRejection', (error) => {
  if (!(error instanceof DOMException)) throw error
})
// most of a run would be copies of rows otherwise
globalThis.structuredClone = cloneJson as typeof structuredClone
installFaults()
const script = readFileSync(process.argv[2] as string, 'utf8')
const start = startWith((source) => runInThisContext(source), script)
for (let task = await nextFrame(); task; task = await nextFrame()) {
  const run = new Run(task.head as unknown as Task, {
    server: remoteServer(ask),
    start,
    makeFactory: () => new IDBFactory(),
    links: linksOf,
  })
  writeFrame({ do: 'done' }, JSON.stringify(await run.run()))
}
