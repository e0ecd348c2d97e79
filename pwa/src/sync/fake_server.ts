/** A small server in memory for the tests of sync: the rules of `POST /api/sync` for components and the name. */
import { ApiProblem } from '../api/problem'
import type {
  Conflict,
  ModelArchitecture,
  PushedDesign,
  StoredConflict,
  SyncedDesign,
  SyncRequest,
  SyncResponse,
} from '../generated/wire'
import { includes, joined, type VersionVector } from '../storage/vectors'
import { merged, text, turned } from './fake_merge'

interface Version {
  document: ModelArchitecture | null
  seen: VersionVector
}

interface StoredDocument extends Version {
  seq: number
  /** all versions, the oldest first */
  versions: Version[]
}

interface Delivered {
  conflict: StoredConflict
  /** the devices that have to acknowledge it */
  waitsFor: Set<string>
  concerned: Set<string>
}

interface Result {
  document: ModelArchitecture | null
  conflicts: Conflict[]
}

const problem = (title: string, status: number, detail: string) => ({ type: 'about:blank', title, status, detail })

export class FakeServer {
  epoch = 'e1'
  seq = 0
  stored = new Map<string, StoredDocument>()
  /** the token of each change of a design, by its number */
  history = new Map<number, string>()
  /** the content of the recorded changes, by design, client and number */
  records = new Map<string, Map<number, string>>()
  conflicts = new Map<string, Delivered>()
  devices = new Map<string, string>()
  commands = new Map<string, string>()
  started: string[] = []
  /** kinds of commands that are still being worked on */
  running = new Set<string>()
  calls: SyncRequest[] = []
  refuse: (pushed: PushedDesign) => boolean = () => false
  /** designs that it has and cannot read */
  unreadable: string[] = []
  private tokens = 0

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

  /** Copy the data; the function returned puts the copy back, as `restore` does with a new epoch, or as a copied folder does. */
  backup({ newEpoch = true } = {}): () => void {
    const { seq, stored, history, records, conflicts, devices } = this
    const copy = structuredClone({ seq, stored, history, records, conflicts, devices })
    return () => Object.assign(this, structuredClone(copy), newEpoch ? { epoch: `${this.epoch}'` } : {})
  }

  documents(): Record<string, ModelArchitecture> {
    const alive = [...this.stored].filter(([, { document }]) => document)
    return Object.fromEntries(alive.map(([id, { document }]) => [id, document as ModelArchitecture]))
  }

  handle(request: SyncRequest): SyncResponse {
    const { epoch = null, cursor = 0, designs = [] } = request
    const same = this.hasHistory(request)
    const device = request.device_id ?? request.client_id ?? ''
    for (const { client_id } of [...designs, request]) if (client_id) this.devices.set(client_id, device)
    for (const one of request.former_device_ids ? this.conflicts.values() : []) {
      if (!request.former_device_ids?.some((former) => one.concerned.has(former)) || one.concerned.has(device)) continue
      one.concerned.add(device)
      one.waitsFor.add(device)
    }
    for (const conflict of request.conflicts ?? []) {
      if (this.conflicts.has(conflict.id)) continue
      const concerned = new Set([device, conflict.device, ...(conflict.devices ?? [])])
      this.conflicts.set(conflict.id, { conflict, concerned, waitsFor: new Set([...concerned].filter((one) => one !== device)) })
    }
    for (const conflict of request.for_others ?? []) {
      const concerned = new Set(conflict.devices)
      if (!this.conflicts.has(conflict.id)) this.conflicts.set(conflict.id, { conflict, concerned, waitsFor: new Set(concerned) })
    }
    this.noteAnswers(request, device)
    const refused = designs.filter((pushed) => this.refuse(pushed))
    const own = designs.filter((pushed) => !refused.includes(pushed)).map((pushed) => this.apply(pushed, device))
    const answered = new Set(own.map((one) => one.id))
    const news = [...this.stored]
      .filter(([id, { seq }]) => seq > (same ? cursor : 0) && !answered.has(id) && !this.unreadable.includes(id))
      .map(([id]) => this.synced(id))
    const rejected = refused.map(({ id }) => ({ id, problem: problem('No', 422, `${id} is bad`) }))
    const forked = new Set(own.filter((one) => one.forked).map((one) => one.id))
    this.noteChoices(request, device, new Set([...forked, ...refused.map(({ id }) => id)]))
    return {
      epoch: this.epoch,
      cursor: this.seq,
      cursor_token: this.history.get(this.seq) ?? '',
      history: same ? 'same' : 'other',
      conflicts: [...this.conflicts.values()].filter((one) => one.waitsFor.has(device)).map((one) => one.conflict),
      for_others: this.unknownConflicts(device, new Set([...own, ...news].map(({ id }) => id))),
      designs: [...own, ...news],
      // a phone of another history first sends its designs again
      commands: same || epoch === null ? this.runCommands(request, rejected, forked) : [],
      rejected,
      unreadable: this.unreadable.map((id) => ({ id, problem: problem('Damaged', 500, `${id} cannot be read`) })),
    }
  }

  private unknownConflicts(device: string, designs: Set<string>): StoredConflict[] {
    return [...this.conflicts.values()]
      .filter(({ concerned, waitsFor }) => !concerned.has(device) && waitsFor.size === concerned.size)
      .map(({ conflict }) => conflict)
      .filter((conflict) => designs.has(conflict.design_id))
  }

  private hasHistory({ epoch = null, cursor = 0, cursor_token }: SyncRequest): boolean {
    if (epoch !== this.epoch) return false
    return cursor_token ? this.history.get(cursor) === cursor_token : cursor <= this.seq
  }

  private noteAnswers({ acknowledged = [] }: SyncRequest, device: string): void {
    for (const id of acknowledged) this.conflicts.get(id)?.waitsFor.delete(device)
  }

  private noteChoices({ resolved = [] }: SyncRequest, device: string, refused: Set<string>): void {
    for (const { id, choice } of resolved) {
      const one = this.conflicts.get(id)
      if (!one?.concerned.has(device) || one.conflict.resolved || refused.has(one.conflict.design_id)) continue
      one.conflict = { ...one.conflict, resolved: choice, resolved_by: device }
      one.waitsFor = new Set([...one.concerned].filter((other) => other !== device))
    }
  }

  private runCommands({ commands = [] }: SyncRequest, rejected: SyncResponse['rejected'], forked: Set<string>) {
    const refusals = new Map(rejected.map(({ id, problem }) => [id, problem]))
    return commands
      .filter((command) => !forked.has(command.design_id))
      .map((command): SyncResponse['commands'][number] => {
        const refusal = refusals.get(command.design_id)
        const goesOn = command.kind === 'resume'
        if (refusal && !goesOn && !this.commands.has(command.id)) return { id: command.id, status: 'failed', problem: refusal }
        if (!this.commands.has(command.id)) {
          this.commands.set(command.id, goesOn ? (command.run_id ?? '') : `r-${command.id}`)
          this.started.push(`${command.kind} ${this.stored.get(command.design_id)?.document?.name}`)
        }
        if (this.running.has(command.kind)) return { id: command.id, status: 'running' }
        return { id: command.id, status: 'done', run_id: this.commands.get(command.id) }
      })
  }

  private apply(pushed: PushedDesign, device: string): SyncedDesign {
    const { id, client_id: client, change } = pushed
    const numbered = client && typeof change === 'number'
    const stored = this.stored.get(id) ?? { document: null, seen: {}, seq: 0, versions: [] }
    const base = (pushed.base ?? null) as ModelArchitecture | null
    const baseSeen = pushed.base_seen ?? stored.versions.findLast((one) => text(one.document) === text(base))?.seen
    if (numbered && change <= (stored.seen[client] ?? -1)) return { ...this.synced(id), forked: !this.isRepeat(pushed, stored) }
    if (numbered && (stored.document || base) && (baseSeen?.[client] ?? -1) < (stored.seen[client] ?? -1))
      return { ...this.synced(id), forked: true }
    const known = baseSeen ? base : null
    const recovered = includes(stored.seen, baseSeen ?? {}) ? [] : recoveredFrom(pushed, known, baseSeen ?? {})
    const versions = [...recovered, ...stored.versions]
    const atBase = withBase({ ...stored, versions }, known, baseSeen ?? {})
    const result = withWork(pushed, stored, known, baseSeen ?? {}, atBase)
    const seen = joined(joined(stored.seen, baseSeen ?? {}), numbered ? { [client]: change } : {})
    if (numbered) this.recordsOf(pushed).set(change, text(pushed.deleted ? null : pushed.work))
    const beyond = (one: VersionVector, other: VersionVector) =>
      Object.keys(one).filter((name) => (one[name] ?? -1) > (other[name] ?? -1))
    const others = [...beyond(stored.seen, baseSeen ?? {}), ...beyond(baseSeen ?? {}, stored.seen)]
    for (const conflict of result.conflicts) this.keep(conflict, id, device, others)
    this.store(id, { ...stored, versions }, result.document, seen)
    return { ...this.synced(id), ...(result.conflicts.length > 0 && { conflicts: result.conflicts }) }
  }

  private recordsOf({ id, client_id }: PushedDesign): Map<number, string> {
    const key = `${id} ${client_id}`
    const records = this.records.get(key) ?? new Map<number, string>()
    this.records.set(key, records)
    return records
  }

  /** Whether this change was received before, or is part of the first version that claims to include it. */
  private isRepeat(pushed: PushedDesign, { versions, document }: StoredDocument): boolean {
    const { client_id: client = '', change = -1 } = pushed
    const record = this.recordsOf(pushed).get(change ?? -1)
    if (record !== undefined) return record === text(pushed.deleted ? null : pushed.work)
    if (pushed.deleted) return document === null
    const first = versions.find(({ seen }) => (seen[client ?? ''] ?? -1) >= (change ?? -1))?.document
    const [base, work] = [pushed.base, pushed.work] as unknown as [ModelArchitecture | null, ModelArchitecture]
    return first ? text(merged(base, work, first).document) === text(first) : false
  }

  private keep(conflict: Conflict, designId: string, device: string, clients: string[]): void {
    this.tokens += 1
    const id = `x${this.tokens}`
    const concerned = new Set([device, ...clients.map((client) => this.devices.get(client) ?? client)])
    const stored = { ...conflict, id, design_id: designId, device, devices: [...concerned], created_at: '2026-01-01T00:00:00Z' }
    this.conflicts.set(id, { conflict: stored, concerned, waitsFor: new Set(concerned) })
  }

  private store(id: string, before: StoredDocument, document: ModelArchitecture | null, seen: VersionVector): void {
    if (this.stored.has(id) && text(before.document) === text(document)) {
      // no new version: phones that have the document need not receive it
      this.stored.set(id, { ...before, seen })
      return
    }
    this.seq += 1
    this.tokens += 1
    this.history.set(this.seq, `t${this.tokens}`)
    this.stored.set(id, { document, seen, seq: this.seq, versions: [...before.versions, { document, seen }] })
  }

  private synced(id: string): SyncedDesign {
    const { document = null, seen = {} } = this.stored.get(id) ?? {}
    return document ? { id, etag: text(document), document, seen } : { id, deleted: true, seen }
  }
}

/** The versions in a push that the server has lost. */
function recoveredFrom(pushed: PushedDesign, base: ModelArchitecture | null, baseSeen: VersionVector): Version[] {
  const anchor = (pushed.anchor ?? null) as ModelArchitecture | null
  return [
    { document: anchor, seen: pushed.anchor_seen ?? {} },
    { document: base, seen: baseSeen },
  ].filter((version) => version.document !== null)
}

/** What the server has together with the base of a phone, which may contain what the server lost. */
function withBase(stored: StoredDocument, base: ModelArchitecture | null, baseSeen: VersionVector): Result {
  if (!base || includes(stored.seen, baseSeen)) return { document: stored.document, conflicts: [] }
  if (includes(baseSeen, stored.seen) || !stored.document) return { document: base, conflicts: [] }
  const common = stored.versions.filter((one) => includes(stored.seen, one.seen) && includes(baseSeen, one.seen))
  const ancestor = common.findLast(
    (one) => !common.some((other) => includes(other.seen, one.seen) && !includes(one.seen, other.seen)),
  )
  const { document, conflicts } = merged(ancestor?.document ?? null, stored.document, base)
  return { document, conflicts: conflicts.map(turned) }
}

/** Merge what the phone itself changed since its base. */
function withWork(
  pushed: PushedDesign,
  stored: StoredDocument,
  base: ModelArchitecture | null,
  baseSeen: VersionVector,
  atBase: Result,
): Result {
  const work = pushed.work as unknown as ModelArchitecture
  const { document: current, conflicts } = atBase
  const about = (mine: string | null, theirs: string | null, kept: Conflict['kept']) => ({
    path: '',
    base: null,
    mine,
    theirs,
    kept,
  })
  if (pushed.deleted) {
    if (current && text(base) !== text(current))
      return { document: current, conflicts: [...conflicts, about(null, current.name, 'theirs')] }
    return { document: null, conflicts }
  }
  if (current) {
    const both = pushed.yields ? merged(base, current, work) : merged(base, work, current)
    return { document: both.document, conflicts: [...conflicts, ...both.conflicts.map(pushed.yields ? turned : (one) => one)] }
  }
  if (base && text(work) === text(base)) return { document: null, conflicts }
  const deletedElsewhere = stored.versions.length > 0 && !includes(baseSeen, stored.seen)
  return { document: work, conflicts: deletedElsewhere ? [...conflicts, about(work.name, null, 'mine')] : conflicts }
}

export const unreachable = (): never => {
  throw new ApiProblem({ status: 0, title: 'The server cannot be reached', detail: '' })
}
