/** The fake server answers recorded calls as the real one does; `tests/backend/sync/test_exchange.py` compares that one. */
import { expect, test } from 'vitest'
import conversations from '../../../tests/backend/sync/exchange.json' with { type: 'json' }
import type { ModelArchitecture, PushedDesign, StoredConflict, SyncedDesign, SyncRequest, SyncResponse } from '../generated/wire'
import { FakeServer } from './fake_server'
import { design } from './test_phones'

interface ShortDocument {
  name: string
  parts: string[]
}
type ShortDesign = Omit<PushedDesign, 'base' | 'work' | 'anchor'> & Partial<Record<'base' | 'work' | 'anchor', ShortDocument>>

interface Step {
  do: string
  phone?: string
  designs?: ShortDesign[]
  acknowledges?: boolean
  answer?: unknown
}

/** A phone of a conversation, as far as the server knows it. */
class Caller {
  private known: Pick<SyncRequest, 'epoch' | 'cursor' | 'cursor_token'> = { epoch: null, cursor: 0, cursor_token: null }
  private received: string[] = []

  constructor(private readonly name: string) {}

  request({ designs = [], acknowledges }: Step): SyncRequest {
    const client_id = `c-${this.name}`
    const acknowledged = acknowledges ? this.received : []
    return { ...this.known, client_id, device_id: this.name, designs: designs.map((one) => pushed(one, client_id)), acknowledged }
  }

  accept({ epoch, cursor, cursor_token, conflicts = [] }: SyncResponse): void {
    this.known = { epoch, cursor, cursor_token }
    this.received = conflicts.map(({ id }) => id)
  }
}

function pushed({ base, work, anchor, ...short }: ShortDesign, client_id: string): PushedDesign {
  const written = (one: ShortDocument | undefined) => (one ? { ...design(short.id, one.parts, one.name) } : null)
  const documents = { base: written(base), ...(work && { work: written(work) }), ...(anchor && { anchor: written(anchor) }) }
  return { client_id, base_seen: {}, ...short, ...documents }
}

/** What of an answer follows from the rules of sync: no random tokens and clients, and components by their ids. */
const summary = ({ history, designs, conflicts = [] }: SyncResponse) => ({
  history,
  designs: designs.map(summaryOfDesign).sort((a, b) => (a.id < b.id ? -1 : 1)),
  conflicts: conflicts.map(summaryOfConflict).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
})

function summaryOfDesign({ id, seen, forked, deleted, document }: SyncedDesign) {
  const found = { id, seen, ...(forked && { forked }) }
  if (deleted) return { ...found, deleted }
  const { name, components } = document as ModelArchitecture
  return { ...found, name, parts: components.map((part) => part.id).sort() }
}

function summaryOfConflict({ design_id, path, kept, base, mine, theirs, device, devices = [] }: StoredConflict) {
  const sides = { base: named(base), mine: named(mine), theirs: named(theirs) }
  return { design: design_id, path, kept, ...sides, device, devices: [...devices].sort() }
}

const named = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (value as { id: string }).id : (value ?? null)

test.each(conversations as { title: string; steps: Step[] }[])('$title', ({ steps }) => {
  const server = new FakeServer()
  const callers = new Map<string, Caller>()
  let putBack = () => {}
  for (const [index, step] of steps.entries()) {
    if (step.do === 'copy') putBack = server.backup({ newEpoch: false })
    else if (step.do === 'put back') putBack()
    else {
      const caller = callers.get(step.phone as string) ?? new Caller(step.phone as string)
      callers.set(step.phone as string, caller)
      const answer = structuredClone(server.handle(caller.request(step)))
      caller.accept(answer)
      expect(summary(answer), `step ${index + 1}`).toEqual(step.answer)
    }
  }
})
