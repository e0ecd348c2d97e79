/** The server of a run on the other side of a channel: one question at a time, each with its answer. */
import type { AtRest, Server } from './server'

export interface Frame {
  head: Record<string, unknown>
  body: string
}

export type Ask = (head: object, body?: string) => Promise<Frame>

export const remoteServer = (ask: Ask): Server => ({
  sync: async (call) => {
    const { head, body } = await ask({ do: 'sync' }, call)
    return { status: head.status as number, body }
  },
  crash: async () => void (await ask({ do: 'crash' })),
  backUp: async (how) => (await ask({ do: 'back_up', how })).head.copy as number,
  restore: async (copy, how) => void (await ask({ do: 'restore', copy, how })),
  train: async (messages) => void (await ask({ do: 'train', messages })),
  atRest: async () => JSON.parse((await ask({ do: 'at_rest' })).body) as AtRest,
})
