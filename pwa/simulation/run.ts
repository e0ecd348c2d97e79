/** One run: phones, a server, and all that goes wrong between them, then a calm end that is judged. */
import type { SyncRequest, SyncResponse } from '../src/generated/wire'
import { canonical } from './canonical'
import { compare } from './compare'
import { FreshNumbers } from './edits'
import { judge } from './judge'
import { type Known, Ledger } from './ledger'
import { forgiveLost, knownInCall } from './losses'
import { Phone, type PhoneCopy, type World } from './phone'
import type { Start } from './phone_start'
import { Random } from './random'
import type { AtRest, Recorded, Server, Violation } from './server'
import { type MakeFactory, storageFaults } from './storage'
import type { Mode, Result, Task } from './task'

/** What the documents of the answers of one sync include, by design and text. */
type Answers = Map<string, Map<string, Known>>

interface Late {
  phone: string
  body: string
  known: Known[]
}

/** The shares of faults; those of calls add up to more than one, since a call may be doubled, late and unanswered at once. */
const SHARES = { lostRequest: 0.2, lostAnswer: 0.25, doubled: 0.15, late: 0.15, garbled: 0.01, crash: 0.004, editDuring: 0.25 }
const STEPS = { edit: 60, decide: 2, sync: 34, deliverLate: 4, crashPhone: 1, crashServer: 0.4, copyPhone: 3, backUp: 2.5 }
const FAULTY_STORAGE = 0.02
const STALE_SCREEN = 0.15
const MAX_ROUNDS = 15

export interface Setting {
  server: Server
  start: Start
  makeFactory: MakeFactory
  links: (type: string) => string[]
}

export class Run {
  private readonly random: Random
  private readonly ledger: Ledger
  private readonly phones: Phone[]
  private readonly copies = new Map<Phone, PhoneCopy[]>()
  private readonly trace: string[] = []
  private readonly counts: Record<string, number> = {}
  private late: Late[] = []
  /** what the server's version of each design includes */
  private onServer = new Map<string, Known>()
  private backups: { copy: number; known: Map<string, Known> }[] = []
  /** conflicts in the responses since the data were last put back */
  private reported: Recorded[] = []
  private answers: Answers = new Map()
  private calm = false
  /** calls that the server did not answer with 200, which none of these phones gives a reason for */
  private readonly failures: Violation[] = []
  private readonly events: number[]
  /** the disasters of a run with one of each of two kinds, in their order */
  private readonly kinds: Mode[]

  constructor(
    private readonly task: Task,
    private readonly setting: Setting,
  ) {
    this.random = new Random(`${task.mode} ${task.seed}`)
    this.ledger = new Ledger(setting.links)
    const world: World = {
      ...{ random: this.random, fresh: new FreshNumbers(), ledger: this.ledger },
      ...{ start: setting.start, makeFactory: setting.makeFactory },
      fetch: (phone, body) => this.fetch(phone, body),
      log: (line) => this.log(line),
    }
    this.phones = ['a', 'b', 'c'].map((name) => new Phone(name, world))
    this.kinds = task.mode.includes('+') ? (task.mode.split('+') as Mode[]) : []
    const many = task.mode === 'none' ? 0 : this.kinds.length || 1 + this.random.below(2)
    if (this.kinds.length > 0 && this.random.chance(0.5)) this.kinds.reverse()
    this.events = Array.from({ length: many }, () => Math.floor(task.edits * (0.2 + 0.75 * this.random.next()))).sort(
      (a, b) => a - b,
    )
  }

  private log(line: string): void {
    if (this.task.trace) this.trace.push(line)
  }

  private count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  async run(): Promise<Result> {
    while ((this.counts.edits ?? 0) < this.task.edits) {
      if ((this.events[0] ?? Number.POSITIVE_INFINITY) <= (this.counts.edits ?? 0)) {
        this.events.shift()
        await this.disaster()
      }
      await this.step(this.random.pick(this.phones) as Phone)
    }
    const violations = await this.settle()
    for (const phone of this.phones) await phone.close()
    const { seed, mode, trace } = this.task
    return { seed, mode, counts: this.counts, violations, ...(trace && { trace: this.trace }) }
  }

  private async step(phone: Phone): Promise<void> {
    switch (this.random.weighted(STEPS)) {
      case 'edit':
        return this.edit(phone)
      case 'decide':
        if (await phone.decide()) this.count('decisions')
        return
      case 'sync':
        return this.sync(phone)
      case 'deliverLate':
        return this.deliverLate()
      case 'crashPhone':
        this.count('phone_crashes')
        return phone.restart()
      case 'crashServer':
        return this.crashServer()
      case 'copyPhone':
        this.copies.set(phone, [...(this.copies.get(phone) ?? []), await phone.copy()].slice(-4))
        return
      case 'backUp':
        this.log('the server is backed up')
        this.backups.push({
          copy: await this.setting.server.backUp(this.task.mode === 'restore' ? 'command' : 'folder'),
          known: new Map(this.onServer),
        })
    }
  }

  private async edit(phone: Phone): Promise<void> {
    const dies = this.armStorage(4)
    if (await phone.edit()) this.count('edits')
    await this.endFault(phone, dies)
    // an edit of an older document takes the place of a newer one, which a server put back may lack too
    if (this.task.mode.includes('+')) this.forgiveLost()
  }

  /** Perhaps let one of the next writes fail; returns whether the phone dies of it. */
  private armStorage(writes: number): boolean {
    if (this.calm || !this.random.chance(FAULTY_STORAGE)) return false
    storageFaults.arm(this.random.chance(0.5) ? 'quota' : 'abort', this.random.below(writes))
    return this.random.chance(0.4)
  }

  private async endFault(phone: Phone, dies: boolean): Promise<void> {
    storageFaults.disarm()
    if (dies) {
      this.count('phone_crashes')
      await phone.restart()
    }
    await phone.saveAll()
  }

  private async sync(phone: Phone): Promise<void> {
    this.count('syncs')
    await phone.saveAll()
    const dies = this.armStorage(8)
    this.answers = new Map()
    this.log(`${phone.name} syncs`)
    const done = await phone.sync()
    storageFaults.disarm()
    await phone.learn(this.answers)
    await this.endFault(phone, dies || (!done && this.random.chance(0.1)))
    if (!this.random.chance(STALE_SCREEN)) phone.follow()
  }

  /** One more sync in which a write fails: what a phone misses for that must reach it later, though nothing changes any more. */
  private async syncOnBadStorage(phone: Phone): Promise<void> {
    await phone.saveAll()
    storageFaults.arm('abort', this.random.below(8))
    this.answers = new Map()
    await phone.sync()
    storageFaults.disarm()
    await phone.learn(this.answers)
    await phone.restart()
  }

  private async crashServer(): Promise<void> {
    this.log('the server crashes')
    this.count('server_crashes')
    await this.setting.server.crash()
  }

  /** The network between a phone and the server. */
  private async fetch(phone: Phone, body: string): Promise<Response> {
    const { random } = this
    const known = (JSON.parse(body) as SyncRequest).designs?.map(({ id, work }) => phone.knownOf(id, work)) ?? []
    const call = { phone: phone.name, body, known }
    if (this.calm) return this.answer(await this.deliver(call))
    if (random.chance(SHARES.late)) this.late.push(call)
    if (random.chance(SHARES.lostRequest)) return this.lose('lost_requests', phone)
    if (random.chance(SHARES.crash)) await this.crashServer()
    const response = await this.deliver(call)
    if (random.chance(SHARES.doubled)) {
      this.count('doubled')
      await this.deliver(call)
    }
    if (random.chance(SHARES.crash)) await this.crashServer()
    if (random.chance(SHARES.editDuring)) await this.editDuring(phone)
    if (random.chance(SHARES.lostAnswer)) return this.lose('lost_answers', phone)
    if (random.chance(SHARES.garbled)) return this.garble(phone)
    return this.answer(response)
  }

  private lose(what: string, phone: Phone): never {
    this.count(what)
    this.log(`${phone.name}: ${what}`)
    throw new TypeError('network error')
  }

  /** Something else answers: a captive portal, a proxy, half of a response. */
  private garble(phone: Phone): Response {
    this.count('garbled')
    this.log(`${phone.name}: garbled`)
    const json = { headers: { 'content-type': 'application/json' } }
    const others = [
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      () => new Response('', { status: 503 }),
      () => new Response('{"epoch":"e1","cursor":', json),
      () => new Response('{"answer":42}', json),
    ]
    return (this.random.pick(others) as () => Response)()
  }

  private async editDuring(phone: Phone): Promise<void> {
    storageFaults.disarm()
    await phone.learn(this.answers)
    if (await phone.edit()) {
      this.count('edits')
      this.count('edits_during_calls')
    }
  }

  /** Hand a call to the server, and note what its versions include from then on. */
  private async deliver({ phone, body, known }: Late): Promise<{ status: number; body: string; known: Map<string, Known> }> {
    this.count('calls')
    const { status, body: text } = await this.setting.server.sync(body)
    if (status !== 200) {
      this.failures.push({ kind: 'call failed', status, phone, answer: text.slice(0, 500) })
      this.log(`  the server answers ${status} to ${phone}: ${text.slice(0, 300)}`)
      return { status, body: text, known: new Map() }
    }
    const request = JSON.parse(body) as SyncRequest
    const response = JSON.parse(text) as SyncResponse
    const refused = new Set(response.rejected.map(({ id }) => id))
    const forked = new Set(response.designs.filter((design) => design.forked).map(({ id }) => id))
    request.designs?.forEach(({ id }, index) => {
      if (refused.has(id)) this.count('refused')
      if (forked.has(id)) this.count('forked')
      if (refused.has(id) || forked.has(id)) return
      const all = (this.onServer.get(id) ?? 0n) | (known[index] ?? 0n)
      this.onServer.set(id, all)
      for (const write of this.ledger.writes) if ((all >> BigInt(write.number)) % 2n === 1n) write.delivered = true
    })
    for (const { id, conflicts } of response.designs) for (const one of conflicts ?? []) this.report({ ...one, design: id })
    if (this.task.trace) this.logCall(phone, request, response)
    return { status, body: text, known: new Map(this.onServer) }
  }

  private report(record: Recorded): void {
    this.count('conflicts')
    this.reported.push(record)
  }

  private logCall(phone: string, request: SyncRequest, response: SyncResponse): void {
    const asked = request.designs?.map(
      ({ id, change, deleted, base }) => `${id}@${change}${deleted ? ' gone' : ''}${base ? '' : ' no base'}`,
    )
    const given = response.designs.map(
      ({ id, deleted, forked, conflicts }) =>
        `${id}${deleted ? ' gone' : ''}${forked ? ' forked' : ''}${conflicts ? ` ${JSON.stringify(conflicts)}` : ''}`,
    )
    const history = `${request.epoch} ${request.cursor} -> ${response.epoch} ${response.cursor} ${response.history}`
    this.log(`  call of ${phone}: ${history}; sent ${asked?.join(', ')}; got ${given.join(', ')}`)
  }

  private answer(response: Awaited<ReturnType<Run['deliver']>>): Response {
    if (response.status === 200) {
      for (const { id, document } of (JSON.parse(response.body) as SyncResponse).designs) {
        const texts = this.answers.get(id) ?? new Map<string, Known>()
        const text = canonical(document ?? null)
        this.answers.set(id, texts.set(text, (texts.get(text) ?? 0n) | (response.known.get(id) ?? 0n)))
      }
    }
    return new Response(response.body, { status: response.status, headers: { 'content-type': 'application/json' } })
  }

  private async deliverLate(): Promise<void> {
    const [call] = this.late.splice(this.random.below(this.late.length), 1)
    if (!call) return
    this.log(`a late call of ${call.phone} arrives`)
    this.count('late')
    await this.deliver(call)
  }

  private async disaster(): Promise<void> {
    await this.happen(this.kinds.shift() ?? this.task.mode)
    this.forgiveLost()
  }

  private forgiveLost(): void {
    forgiveLost(this.ledger, (id) =>
      [
        this.onServer.get(id) ?? 0n,
        ...this.phones.map((phone) => phone.has(id)),
        ...this.late.map(({ body, known }) => knownInCall(body, known, id)),
      ].reduce((all, some) => all | some, 0n),
    )
  }

  private async happen(kind: Mode): Promise<void> {
    const { random } = this
    switch (kind) {
      case 'none':
        return
      case 'restore':
      case 'copyback':
        return this.restore()
      case 'rollback': {
        const phone = random.pick([...this.copies.keys()])
        const copy = phone && random.pick(this.copies.get(phone) ?? [])
        if (!phone || !copy) return
        this.log(`the storage of ${phone.name} is put back`)
        this.count('rollbacks')
        return phone.putBack(copy)
      }
      case 'clone': {
        const [from, to] = [random.pick(this.phones), random.pick(this.phones)]
        if (!from || !to || from === to) return this.happen(kind)
        this.log(`${to.name} becomes a copy of ${from.name}`)
        this.count('clones')
        await to.putBack(await from.copy())
        this.copies.delete(to)
      }
    }
  }

  private async restore(): Promise<void> {
    const backup = this.random.pick(this.backups)
    if (!backup) return
    const command = this.task.mode === 'restore'
    this.log(`the server's data are put back${command ? ' by command' : ''}`)
    this.count('restores')
    await this.setting.server.restore(backup.copy, command ? 'command' : 'folder')
    this.onServer = new Map(backup.known)
    this.reported = []
    // no phone keeps a design that was removed everywhere, so a removal after the copy is undone with it
    for (const write of this.ledger.writes) {
      const known = backup.known.get(write.design) ?? 0n
      if (write.gone && write.delivered && (known >> BigInt(write.number)) % 2n === 0n) write.optional = true
    }
    if (this.random.chance(0.5)) await this.setting.server.train(1 + this.random.below(30))
  }

  /** Deliver everything late, then sync without faults until nothing changes, and judge the end. */
  private async settle(): Promise<Violation[]> {
    for (const phone of [...this.phones, ...this.phones, ...this.phones]) await this.syncOnBadStorage(phone)
    this.calm = true
    this.log('--- calm')
    for (const phone of this.phones) {
      await phone.saveAll()
      phone.follow()
    }
    while (this.late.length > 0) await this.deliverLate()
    const violations: Violation[] = []
    let before = ''
    let rest: AtRest | undefined
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      let failed = 0
      for (const phone of this.phones) {
        this.answers = new Map()
        if (!(await phone.sync())) failed += 1
        await phone.learn(this.answers)
      }
      rest = await this.setting.server.atRest()
      const now = canonical([rest.designs, await Promise.all(this.phones.map((phone) => phone.rows()))].map(withoutTimes))
      this.count('rounds')
      if (now === before && failed === 0) break
      before = now
      if (round === MAX_ROUNDS - 1) violations.push({ kind: 'not settled', rounds: MAX_ROUNDS, failed })
    }
    if (!rest) throw new Error('no round was made')
    this.count('storage_faults', storageFaults.happened)
    storageFaults.happened = 0
    return [...violations, ...this.failures, ...rest.violations, ...(await compare(this.phones, rest)), ...this.judge(rest)]
  }

  private judge(rest: AtRest): Violation[] {
    return judge({
      ...{ ledger: this.ledger, links: this.setting.links, designs: rest.designs },
      onServer: rest.conflicts ?? this.reported,
      onPhones: this.phones.flatMap((phone) => [...phone.records.values()]),
    })
  }
}

const withoutTimes = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (/At$/.test(key) ? undefined : part)))
