/** One run: phones, a server, and all that goes wrong between them, then a calm end that is judged. */
import { canonical } from './canonical'
import { compare } from './compare'
import { FreshNumbers } from './edits'
import { judge } from './judge'
import { includes, type Known, Ledger } from './ledger'
import { forgiveLost } from './losses'
import { Network } from './network'
import { Phone, type PhoneCopy, type World } from './phone'
import type { Start } from './phone_start'
import { Random } from './random'
import type { AtRest, Server, Violation } from './server'
import { type MakeFactory, storageFaults } from './storage'
import type { Mode, Result, Task } from './task'

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
  private backups: { copy: number; known: Map<string, Known> }[] = []
  private readonly network: Network
  private readonly events: number[]
  /** devices whose storage was replaced */
  private readonly replaced = new Set<string>()
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
      fetch: (phone, body, request) => this.network.fetch(phone, body, request),
      log: (line) => this.log(line),
    }
    this.network = new Network({
      ...{ random: this.random, ledger: this.ledger, server: setting.server, trace: task.trace },
      count: (what) => this.count(what),
      log: (line) => this.log(line),
      crashServer: () => this.crashServer(),
      editDuring: (phone) => this.editDuring(phone),
    })
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
        return this.network.deliverLate()
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
          known: new Map(this.network.onServer),
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
    if (this.network.calm || !this.random.chance(FAULTY_STORAGE)) return false
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
    this.network.answers = new Map()
    this.log(`${phone.name} syncs`)
    const done = await phone.sync()
    storageFaults.disarm()
    await phone.learn(this.network.answers)
    await this.endFault(phone, dies || (!done && this.random.chance(0.1)))
    if (!this.random.chance(STALE_SCREEN)) phone.follow()
  }

  /** One more sync in which a write fails: what a phone misses for that must reach it later, though nothing changes any more. */
  private async syncOnBadStorage(phone: Phone): Promise<void> {
    await phone.saveAll()
    storageFaults.arm('abort', this.random.below(8))
    this.network.answers = new Map()
    await phone.sync()
    storageFaults.disarm()
    await phone.learn(this.network.answers)
    await phone.restart()
  }

  private async crashServer(): Promise<void> {
    this.log('the server crashes')
    this.count('server_crashes')
    await this.setting.server.crash()
  }

  private async editDuring(phone: Phone): Promise<void> {
    storageFaults.disarm()
    await phone.learn(this.network.answers)
    if (await phone.edit()) {
      this.count('edits')
      this.count('edits_during_calls')
    }
  }

  private async disaster(): Promise<void> {
    await this.happen(this.kinds.shift() ?? this.task.mode)
    this.forgiveLost()
  }

  private forgiveLost(): void {
    forgiveLost(this.ledger, (id) =>
      [this.network.onServer.get(id) ?? 0n, ...this.phones.map((phone) => phone.has(id)), this.network.lateKnown(id)].reduce(
        (all, some) => all | some,
        0n,
      ),
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
        return this.replaceStorage(phone, copy)
      }
      case 'clone': {
        const [from, to] = [random.pick(this.phones), random.pick(this.phones)]
        if (!from || !to || from === to) return this.happen(kind)
        this.log(`${to.name} becomes a copy of ${from.name}`)
        this.count('clones')
        await this.replaceStorage(to, await from.copy())
        this.copies.delete(to)
      }
    }
  }

  private async replaceStorage(phone: Phone, copy: PhoneCopy): Promise<void> {
    for (const id of await phone.deviceIds()) this.replaced.add(id)
    await phone.putBack(copy)
  }

  private async restore(): Promise<void> {
    const backup = this.random.pick(this.backups)
    if (!backup) return
    const command = this.task.mode === 'restore'
    this.log(`the server's data are put back${command ? ' by command' : ''}`)
    this.count('restores')
    await this.setting.server.restore(backup.copy, command ? 'command' : 'folder')
    this.network.onServer = new Map(backup.known)
    this.network.reported = []
    // no phone keeps a design that was deleted everywhere, so a deletion after the copy is undone with it
    for (const write of this.ledger.writes) {
      const known = backup.known.get(write.design) ?? 0n
      if (write.deletesDesign && write.delivered && !includes(known, write.number)) write.optional = true
    }
    if (this.random.chance(0.5)) await this.setting.server.train(1 + this.random.below(30))
  }

  /** Deliver everything late, then sync without faults until nothing changes, and judge the end. */
  private async settle(): Promise<Violation[]> {
    for (const phone of [...this.phones, ...this.phones, ...this.phones]) await this.syncOnBadStorage(phone)
    this.network.calm = true
    this.log('--- calm')
    for (const phone of this.phones) {
      await phone.saveAll()
      phone.follow()
    }
    while (this.network.hasLate) await this.network.deliverLate()
    const violations: Violation[] = []
    let before = ''
    let rest: AtRest | undefined
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      let failed = 0
      for (const phone of this.phones) {
        this.network.answers = new Map()
        if (!(await phone.sync())) failed += 1
        await phone.learn(this.network.answers)
      }
      rest = await this.setting.server.atRest()
      const rows = (await Promise.all(this.phones.map((phone) => phone.rows()))).flat()
      const now = canonical([rest.designs, rest.undelivered, rows.map(({ createdAt: _, updatedAt: __, ...row }) => row)])
      this.count('rounds')
      if (now === before && failed === 0) break
      before = now
      if (round === MAX_ROUNDS - 1) violations.push({ kind: 'not settled', rounds: MAX_ROUNDS, failed })
    }
    if (!rest) throw new Error('no round was made')
    this.count('storage_faults', storageFaults.happened)
    storageFaults.happened = 0
    const gone = await this.goneDevices()
    return [
      ...violations,
      ...this.network.failures,
      ...rest.violations,
      ...(await compare(this.phones, rest)),
      ...this.judge(rest, gone),
    ]
  }

  /** The devices whose storage was replaced, and that no phone is or was by now. */
  private async goneDevices(): Promise<Set<string>> {
    const present = (await Promise.all(this.phones.map((phone) => phone.deviceIds()))).flat()
    return new Set([...this.replaced].filter((id) => !present.includes(id)))
  }

  private judge(rest: AtRest, gone: Set<string>): Violation[] {
    return judge({
      gone,
      ...{ ledger: this.ledger, links: this.setting.links, designs: rest.designs },
      onServer: rest.conflicts ?? this.network.reported,
      onPhones: this.phones.flatMap((phone) => [...phone.records.values()]),
    })
  }
}
