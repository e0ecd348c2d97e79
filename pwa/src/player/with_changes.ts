/** Joins what the page shows of a game with what changed in it since. */

import type { ShownGame } from './messages'
import { movesBefore, type WatchState } from './types'

/** The state after a message, which has only the values and moves that changed. */
export function withChanges(before: WatchState, { changed: { from, values, actions }, ...game }: ShownGame): WatchState {
  if (values.length === 0 && from === before.values.length) return { ...game, values: before.values, actions: before.actions }
  return {
    ...game,
    values: [...before.values.slice(0, from), ...values],
    actions: [...before.actions.slice(0, movesBefore(from)), ...actions],
  }
}
