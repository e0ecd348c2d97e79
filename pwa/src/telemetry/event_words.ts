/** Events in the words of the screen. */
import type { TelemetryEvent } from '../generated/wire'
import { duration, exactly } from '../ui/numbers'

/** the name of what was thrown although it is no error */
export const NO_ERROR = 'Thrown'

/** What happened: "Compiled: 244,613 parameters in 1.2 s". */
export function titleOf(event: TelemetryEvent): string {
  switch (event.type) {
    case 'compile_success':
      return `Compiled: ${exactly(event.parameters ?? 1e6 * event.paramCount)} parameters in ${secondsWords(event.time_ms)}`
    case 'train_started':
      return 'Training started'
    case 'export':
      return `Exported as .${event.fmt}`
    case 'offline_seconds':
      return `Used without the server for ${duration(event.seconds)}`
    case 'client_error':
      if (event.status) return `A call failed with status ${event.status}`
      return event.name === NO_ERROR ? 'Error in the app' : `Error in the app: ${event.name}`
    default:
      // of a newer version of the server
      return 'Another event'
  }
}

const secondsWords = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000))

/** The ids that are recorded with it, each with what it is the id of. */
export function idsOf(event: TelemetryEvent): [of: string, id: string][] {
  const ids: [string, string | null | undefined][] = []
  if ('designId' in event) ids.push(['design', event.designId])
  if (event.type === 'train_started') ids.push(['run', event.run_id])
  ids.push(['request', event.request_id])
  return ids.filter((entry): entry is [string, string] => Boolean(entry[1]))
}
