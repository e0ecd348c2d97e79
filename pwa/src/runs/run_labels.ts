/** Name, note and tags of runs: changed at once here, sent to the server now or when it can be reached. */

import { ApiProblem, labelRun } from '../api/api'
import type { RunLabels } from '../generated/wire'
import { liveState } from '../live/live'
import { rememberNames } from './run_names'
import { applyLabels } from './runs'
import { waitingLabels } from './waiting_labels'

/** Change what a person wrote about a run; resolves with whether the server has it already. */
export async function writeLabels(runId: string, labels: RunLabels): Promise<boolean> {
  waitingLabels.write({ ...waitingLabels.read(), [runId]: labels })
  applyLabels(runId, labels)
  rememberNames([{ id: runId, ...labels }])
  return await send(runId, labels)
}

async function send(runId: string, labels: RunLabels): Promise<boolean> {
  try {
    await labelRun(runId, labels)
  } catch (error) {
    const isRefused = error instanceof ApiProblem && error.fromServer && error.status < 500
    if (!isRefused) return false // sent again with the next connection
  }
  const { [runId]: sent, ...others } = waitingLabels.read()
  if (JSON.stringify(sent) === JSON.stringify(labels)) waitingLabels.write(others)
  return true
}

/** Send what waits, now and whenever the server can be reached again; returns how to stop. */
export function startSendingLabels(): () => void {
  const sendAll = () => {
    for (const [runId, labels] of Object.entries(waitingLabels.read())) void send(runId, labels)
  }
  if (liveState.getState().connected) sendAll()
  return liveState.subscribe(({ connected }, before) => {
    if (connected && !before.connected) sendAll()
  })
}

const MAX_TAGS = 12
const MAX_TAG_LENGTH = 30

/** "fast, two experts" → ["fast", "two experts"]: as many and as long as the server takes, each once. */
export function tagsOf(text: string): string[] {
  const tags = text.split(/[,\n]/).map((tag) => tag.trim().replace(/^#/, '').slice(0, MAX_TAG_LENGTH))
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, MAX_TAGS)
}
