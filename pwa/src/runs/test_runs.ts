/** Values of the newer fields of runs and their messages, for tests that are about others. */

export const quietRun = {
  phase: null,
  warning: null,
  responding: true,
  last_heartbeat_step: null,
  last_heartbeat_at: null,
  sequence: 0,
} as const

export const quietStatus = { phase: null, warning: null, responding: true, last_heartbeat_step: null } as const
