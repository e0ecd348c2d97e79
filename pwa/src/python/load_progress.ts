/** Counts how much of the Python pack has arrived while it loads for the first time. */
import type { Pack, PackFile } from './pack'

export interface LoadProgress {
  /** bytes as they are sent, compressed */
  done: number
  total: number
}

/** The files that Python fetches; the module of the runtime is imported, which cannot be counted. */
const fetchedFiles = ({ files }: Pack): PackFile[] => files.filter(({ url }) => !url.endsWith('.mjs'))

const sentBytes = ({ bytes, sent }: PackFile): number => sent ?? bytes

/** Returns a function that passes an answer on and reports its bytes as they arrive, at most a hundred times in all. */
export function countLoad(pack: Pack, report: (progress: LoadProgress) => void): (answer: Response) => Response {
  const files = fetchedFiles(pack)
  const total = files.reduce((sum, file) => sum + sentBytes(file), 0)
  let done = 0
  let shown = -1
  const add = (bytes: number): void => {
    done += bytes
    const percent = Math.floor((100 * done) / total)
    if (percent === shown) return
    shown = percent
    report({ done: Math.round(done), total })
  }
  return (answer) => {
    const path = new URL(answer.url, 'http://phone').pathname
    const file = files.find(({ url }) => url === path)
    if (!file || !answer.body) return answer
    const share = sentBytes(file) / file.bytes
    const counted = answer.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          add(share * chunk.byteLength)
          controller.enqueue(chunk)
        },
      }),
    )
    return new Response(counted, { status: answer.status, headers: answer.headers })
  }
}
