/** Records compiles that succeeded and runs that started, from the commands that the server has answered. */
import { onCommandsChanged, type StoredCommand } from '../storage/commands'
import { type NewEvent, queueCommands } from '../storage/telemetry'

/** The event of an ended command; null for one that failed, and for a run that trains longer. */
export function eventOfCommand(command: StoredCommand): NewEvent | null {
  const { kind, designId, status, result, runId, continues, sentAt, endedAt, requestId } = command
  if (status !== 'done') return null
  const joined = requestId !== undefined && { request_id: requestId }
  if (kind === 'compile' && result) {
    // clocks may be put back meanwhile
    const time_ms = Math.max(0, (endedAt ?? 0) - (sentAt ?? endedAt ?? 0))
    const { paramCount, parameters } = result
    return { type: 'compile_success', designId, paramCount, parameters, time_ms, ...joined }
  }
  if (kind === 'train' && continues === undefined) {
    return { type: 'train_started', designId, ...(runId !== undefined && { run_id: runId }), ...joined }
  }
  return null
}

/** Record commands that have ended, also while the page was closed, and those that end from now on; returns how to stop. */
export function followCommands(): () => void {
  const record = () => void queueCommands(eventOfCommand).catch(() => {})
  record()
  return onCommandsChanged(record)
}
