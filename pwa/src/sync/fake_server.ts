/** A small server in memory for the tests of sync: the rules of `POST /api/sync` for components and the name. */
import { ApiProblem } from '../api/problem'
import type { Component, ModelArchitecture, PushedDesign, SyncedDesign, SyncRequest, SyncResponse } from '../generated/wire'

interface StoredDocument {
  document: ModelArchitecture | null
  seq: number
}

const text = (value: unknown): string => JSON.stringify(value)

export class FakeServer {
  epoch = 'e1'
  seq = 0
  stored = new Map<string, StoredDocument>()
  changes = new Map<string, number>()
  commands = new Map<string, string>()
  started: string[] = []
  /** kinds of commands that are still being worked on */
  running = new Set<string>()
  calls: SyncRequest[] = []
  refuse: (pushed: PushedDesign) => boolean = () => false

  /** What happens to a call on its way: before it is handled, and after. */
  before: () => void = () => {}
  after: () => void = () => {}

  post = async (request: SyncRequest): Promise<SyncResponse> => {
    const sent = structuredClone(request)
    this.calls.push(sent)
    this.before()
    const answer = structuredClone(this.handle(sent))
    this.after()
    return answer
  }

  backup(): () => void {
    const copy = structuredClone({ seq: this.seq, stored: this.stored, changes: this.changes })
    return () => Object.assign(this, structuredClone(copy), { epoch: `${this.epoch}'` })
  }

  /** designs that it has and cannot read */
  unreadable: string[] = []

  documents(): Record<string, ModelArchitecture> {
    const alive = [...this.stored].filter(([, { document }]) => document)
    return Object.fromEntries(alive.map(([id, { document }]) => [id, document as ModelArchitecture]))
  }

  handle({ epoch = null, cursor = 0, designs = [], commands = [] }: SyncRequest): SyncResponse {
    const known = epoch === this.epoch
    const refused = designs.filter((pushed) => this.refuse(pushed))
    const own = designs.filter((pushed) => !refused.includes(pushed)).map((pushed) => this.apply(pushed, known))
    const problems = new Map(
      refused.map(({ id }) => [id, { type: 'about:blank', title: 'No', status: 422, detail: `${id} is bad` }]),
    )
    const answered = new Set(own.map((one) => one.id))
    const news = [...this.stored]
      .filter(([id, { seq }]) => seq > (known ? cursor : 0) && !answered.has(id))
      .map(([id]) => this.synced(id))
    return {
      epoch: this.epoch,
      cursor: this.seq,
      cursor_token: '',
      history: known ? 'same' : 'other',
      conflicts: [],
      designs: [...own, ...news],
      // a phone of another history first sends its designs again
      commands: (known || epoch === null ? commands : []).map((command) => {
        const problem = problems.get(command.design_id)
        if (problem && !this.commands.has(command.id)) return { id: command.id, status: 'failed', problem }
        if (!this.commands.has(command.id)) {
          this.commands.set(command.id, `r-${command.id}`)
          this.started.push(`${command.kind} ${this.stored.get(command.design_id)?.document?.name}`)
        }
        if (this.running.has(command.kind)) return { id: command.id, status: 'running' }
        return { id: command.id, status: 'done', run_id: this.commands.get(command.id) }
      }),
      rejected: [...problems].map(([id, problem]) => ({ id, problem })),
      unreadable: this.unreadable.map((id) => ({
        id,
        problem: { type: 'about:blank', title: 'Damaged', status: 500, detail: `${id} cannot be read` },
      })),
    }
  }

  private apply(pushed: PushedDesign, known: boolean): SyncedDesign {
    const stored = this.stored.get(pushed.id)
    const who = `${pushed.client_id} ${pushed.id}`
    if ((pushed.change ?? 0) <= (this.changes.get(who) ?? -1)) return this.synced(pushed.id)
    this.changes.set(who, pushed.change ?? 0)
    const base = known ? ((pushed.base ?? null) as ModelArchitecture | null) : null
    const current = stored?.document ?? null
    if (pushed.deleted) {
      if (current && base && text(base) === text(current)) this.store(pushed.id, null)
      return this.synced(pushed.id)
    }
    const work = pushed.work as unknown as ModelArchitecture
    this.store(pushed.id, current ? merged(base, work, current) : work)
    return this.synced(pushed.id)
  }

  private store(id: string, document: ModelArchitecture | null): void {
    if (text(this.stored.get(id)?.document) === text(document)) return
    this.seq += 1
    this.stored.set(id, { document, seq: this.seq })
  }

  private synced(id: string): SyncedDesign {
    const document = this.stored.get(id)?.document
    return document ? { id, etag: text(document), document } : { id, deleted: true }
  }
}

function merged(base: ModelArchitecture | null, mine: ModelArchitecture, theirs: ModelArchitecture): ModelArchitecture {
  const at = (design: ModelArchitecture | null, id: string): Component | undefined =>
    design?.components.find((one) => one.id === id)
  const ids = [...new Set([...theirs.components, ...mine.components].map((one) => one.id))].sort()
  const components = ids.flatMap((id) => {
    const [old, my, their] = [at(base, id), at(mine, id), at(theirs, id)]
    if (text(my) === text(old)) return their ? [their] : []
    if (text(their) === text(old)) return my ? [my] : []
    return my ? [my] : their ? [their] : []
  })
  return { ...theirs, components, name: mine.name === base?.name ? theirs.name : mine.name }
}

export const unreachable = (): never => {
  throw new ApiProblem({ status: 0, title: 'The server cannot be reached', detail: '' })
}
