/**
 * One simulated phone: the code of the app, its storage, a person who edits, and what the edited documents included.
 *
 * A phone whose storage is put back, or replaced by that of another phone, knows afterwards what the copy knew: its later edits
 * are concurrent with all that it forgot. Edits that it had not delivered by then may be missing at the end.
 */
import type { Change } from '../src/document/commands'
import type { ModelArchitecture, SyncRequest } from '../src/generated/wire'
import type { StoredDesign } from '../src/storage/database'
import { canonical } from './canonical'
import { type FreshNumbers, randomEdit } from './edits'
import { bit, type Known, type Ledger, type Write } from './ledger'
import type { PhoneApp, Start } from './phone_start'
import type { Random } from './random'
import type { Recorded } from './server'
import { type MakeFactory, PhoneStorage } from './storage'
import type { Blueprint } from './storage_copy'

/** A document on the screen. */
interface OpenDocument {
  work: ModelArchitecture
  revision: number
  known: Known
  /** whether the newest edit could not be stored */
  unsaved: Write[]
}

/** A copy of a phone's storage, with what it knew. */
export interface PhoneCopy {
  storage: Blueprint | undefined
  known: Map<string, Known>
  deleted: Map<string, Known>
  texts: Map<string, Known>
  own: Write[]
  /** those of `own` that had not reached the server */
  pending: Write[]
}

export interface World {
  random: Random
  fresh: FreshNumbers
  ledger: Ledger
  start: Start
  makeFactory: MakeFactory
  fetch: (phone: Phone, body: string, request: SyncRequest) => Promise<Response>
  log: (line: string) => void
}

export class Phone {
  private app: PhoneApp
  readonly storage: PhoneStorage
  /** what the stored document of each design includes */
  known = new Map<string, Known>()
  /** the same for deleted designs */
  deleted = new Map<string, Known>()
  /** what each document includes that was ever stored here, by its text */
  texts = new Map<string, Known>()
  /** the edits made here */
  own: Write[] = []
  readonly records = new Map<string, Recorded>()
  private readonly conflictIds = new Set<string>()
  private readonly screens = new Map<string, OpenDocument>()
  private readonly clockOffset: number
  private ticks = 0

  constructor(
    readonly name: string,
    private readonly world: World,
  ) {
    this.storage = new PhoneStorage(world.makeFactory, name)
    // clocks of phones are wrong by up to a year
    this.clockOffset = (world.random.next() - 0.5) * 2 * 365 * 86_400_000
    this.app = this.start()
  }

  private start(): PhoneApp {
    return this.world.start({
      indexedDB: this.storage.factory,
      fetch: (_, init, json) => this.world.fetch(this, init.body as string, json as SyncRequest),
      random: this.world.random,
      now: () => {
        this.ticks += 1
        return Date.UTC(2026, 0, 1) + this.clockOffset + 1000 * this.ticks
      },
    })
  }

  /** End the app at once and start it again: what was not stored is forgotten. */
  async restart(): Promise<void> {
    this.world.log(`${this.name} starts again`)
    await this.close()
    this.app = this.start()
  }

  async close(): Promise<void> {
    for (const screen of this.screens.values()) this.forget(screen)
    this.screens.clear()
    await this.app.closeDatabase()
  }

  private forget(screen: OpenDocument): void {
    for (const write of screen.unsaved) this.world.ledger.erase(write)
    screen.unsaved = []
  }

  async copy(): Promise<PhoneCopy> {
    const { known, deleted, texts, own } = this
    return {
      storage: await this.storage.copy(),
      ...{ known: new Map(known), deleted: new Map(deleted), texts: new Map(texts), own: [...own] },
      pending: own.filter(({ delivered }) => !delivered),
    }
  }

  /** Replace the storage by a copy of this or another phone. */
  async putBack(copy: PhoneCopy): Promise<void> {
    await this.close()
    await this.storage.putBack(copy.storage)
    const kept = new Set(copy.own)
    for (const write of this.own) if (!kept.has(write) && !write.delivered) write.optional = true
    for (const write of copy.pending) write.shared = true
    this.known = new Map(copy.known)
    this.deleted = new Map(copy.deleted)
    this.texts = new Map(copy.texts)
    this.own = [...copy.own]
    this.app = this.start()
  }

  rows(): Promise<StoredDesign[]> {
    return this.app.withDatabase((db) => db.getAll('designs'))
  }

  /** The ids of the designs that the person sees, each with its row once it is asked for. */
  private async living(): Promise<string[]> {
    const ids = await this.app.withDatabase((db) => db.getAllKeys('designs'))
    return ids.filter((id) => !this.deleted.has(id))
  }

  /** Every edit of a design that something on this phone includes. */
  has(id: string): Known {
    const unsaved = (this.screens.get(id)?.unsaved ?? []).reduce((all, { number }) => all | bit(number), 0n)
    return (this.known.get(id) ?? 0n) | (this.deleted.get(id) ?? 0n) | unsaved
  }

  /** What the document of a pushed design includes. */
  knownOf(id: string, work: unknown): Known {
    return (work ? this.texts.get(`${id} ${canonical(work)}`) : this.deleted.get(id)) ?? 0n
  }

  /** Sync as the app does; false where it failed. */
  async sync(): Promise<boolean> {
    try {
      await this.app.syncNow()
      return true
    } catch (error) {
      this.world.log(`${this.name} could not sync: ${String(error)}`)
      return false
    }
  }

  /** Read what sync has stored: which answers the rows now show, and new conflicts; `answers` by design and text. */
  async learn(answers: Map<string, Map<string, Known>>): Promise<void> {
    if (answers.size === 0) return
    const [rows, ids] = await this.app.withDatabase((db) =>
      Promise.all([Promise.all([...answers.keys()].map((id) => db.get('designs', id))), db.getAllKeys('designs')]),
    )
    for (const row of rows) {
      if (!row) continue
      const learned = answers.get(row.id)?.get(canonical(row.work))
      if (learned !== undefined && !row.deleted) this.remember(row.work, (this.known.get(row.id) ?? 0n) | learned)
      for (const conflict of row.conflicts ?? []) this.keep({ ...conflict, design: row.id })
    }
    await this.readConflicts()
    for (const id of [...this.known.keys()]) if (!ids.includes(id)) this.known.delete(id)
  }

  /** Note the new conflicts in their own store, which the first version of the database does not have. */
  private async readConflicts(): Promise<void> {
    const stored = await this.app.withDatabase(async (db) => {
      const names = db.objectStoreNames as unknown as DOMStringList
      if (!names.contains('conflicts')) return []
      const store = 'conflicts' as never
      const keys = (await db.getAllKeys(store)) as string[]
      return Promise.all(keys.filter((id) => !this.conflictIds.has(id)).map((id) => db.get(store, id as never)))
    })
    for (const conflict of stored as unknown as (Recorded & { id: string; design_id: string; forOthers?: boolean })[]) {
      // one that is only kept for other devices has reached none of them
      if (conflict.forOthers) continue
      this.conflictIds.add(conflict.id)
      this.keep({ ...conflict, design: conflict.design_id })
    }
  }

  /** The name of the device that the server knows; undefined before there was one. */
  async deviceId(): Promise<string | undefined> {
    const meta = await this.app.withDatabase((db) => db.get('meta', 'sync'))
    return meta && ((meta as { deviceId?: string }).deviceId ?? meta.clientId)
  }

  /** The name of this device and those that it had before. */
  async deviceIds(): Promise<string[]> {
    const meta = await this.app.withDatabase((db) => db.get('meta', 'sync'))
    const present = await this.deviceId()
    const former = (meta as { formerDeviceIds?: string[] } | undefined)?.formerDeviceIds ?? []
    return present === undefined ? former : [...former, present]
  }

  private keep(record: Recorded): void {
    this.records.set(canonical([record.id, record.design, record.path, record.base, record.mine, record.theirs]), record)
  }

  private remember(work: ModelArchitecture, known: Known): void {
    this.known.set(work.id, known)
    this.texts.set(`${work.id} ${canonical(work)}`, known)
  }

  /** Show the stored documents on the screen, except edits that are not stored yet. */
  follow(): void {
    for (const [id, screen] of this.screens) if (screen.unsaved.length === 0) this.screens.delete(id)
  }

  /** Make one edit of a living design, or of none; returns whether something was stored. */
  async edit(): Promise<boolean> {
    const { random } = this.world
    const living = await this.living()
    if (living.length === 0 || (living.length < 3 && random.chance(0.05))) return this.makeDesign()
    const row = await this.app.getDesign(random.pick(living) as string)
    if (!row) return false
    if (living.length > 2 && random.chance(0.02)) return this.removeDesign(row)
    return this.change(row, (design) => randomEdit({ app: this.app, random, fresh: this.world.fresh }, design))
  }

  /** Change the document on the screen, which may be older than the stored one; returns whether that was stored. */
  private async change(row: StoredDesign, make: (design: ModelArchitecture) => Change | undefined): Promise<boolean> {
    const known = this.known.get(row.id) ?? 0n
    const screen = this.screens.get(row.id) ?? { work: row.work, revision: row.revision, known, unsaved: [] }
    this.screens.set(row.id, screen)
    const change = make(screen.work)
    if (!change || change.inverse.length === 0) return false
    const write = this.world.ledger.note(this.name, change.summary, screen.known, screen.work, change.design)
    this.world.log(`${this.name} edits ${row.id}: #${write.number} ${change.summary} (revision ${screen.revision})`)
    this.screens.set(row.id, {
      ...screen,
      work: change.design,
      known: screen.known | bit(write.number),
      unsaved: [...screen.unsaved, write],
    })
    return this.save(row.id)
  }

  /** Decide one of the conflicts that this phone shows: an edit, where the value is not there already, and a note to the server. */
  async decide(): Promise<boolean> {
    const { random } = this.world
    const open = [...(await this.app.openConflicts()).values()].flat()
    const conflict = random.pick(open)
    const row = conflict && (await this.app.getDesign(conflict.designId))
    const choice = random.chance(0.5) ? 'mine' : 'theirs'
    if (!conflict || !row || this.app.removesDesign(conflict, choice)) return false
    this.world.log(`${this.name} decides ${conflict.designId}${conflict.path}: ${choice}`)
    const stored = await this.change(row, (design) => this.app.chooseSide(design, { conflict, choice }))
    if ((this.screens.get(row.id)?.unsaved.length ?? 0) > 0) return false
    await this.app.queueResolution(conflict.id, choice)
    return stored
  }

  /** Store what is on the screen; an edit that cannot be stored stays there and is tried again. */
  private async save(id: string): Promise<boolean> {
    const screen = this.screens.get(id) as OpenDocument
    try {
      screen.revision = await this.app.saveWork(screen.work, screen.revision)
    } catch (error) {
      this.world.log(`${this.name} could not store ${id}: ${String(error)}`)
      return false
    }
    this.own.push(...screen.unsaved)
    screen.unsaved = []
    this.remember(screen.work, screen.known)
    return true
  }

  /** Try again to store what could not be stored. */
  async saveAll(): Promise<void> {
    for (const [id, { unsaved }] of this.screens) if (unsaved.length > 0) await this.save(id)
  }

  private async makeDesign(): Promise<boolean> {
    const { random, ledger, log } = this.world
    const template = random.pick(this.app.templates) as ModelArchitecture
    const work: ModelArchitecture = {
      ...structuredClone(template),
      id: this.app.newDesignId(),
      name: `Design ${this.world.fresh.next()}`,
    }
    const write = ledger.note(this.name, 'New design', 0n, null, work)
    log(`${this.name} makes ${work.id}: #${write.number}`)
    this.screens.set(work.id, { work, revision: 0, known: bit(write.number), unsaved: [write] })
    return this.save(work.id)
  }

  private async removeDesign(row: StoredDesign): Promise<boolean> {
    const known = this.known.get(row.id) ?? 0n
    const screen = this.screens.get(row.id)
    if (screen && screen.unsaved.length > 0) return false
    const write = this.world.ledger.note(this.name, 'Deleted design', known, row.work, null)
    this.world.log(`${this.name} deletes ${row.id}: #${write.number}`)
    try {
      await this.app.removeDesign(row.id)
    } catch {
      this.world.ledger.erase(write)
      return false
    }
    this.own.push(write)
    this.screens.delete(row.id)
    this.known.set(row.id, known | bit(write.number))
    this.deleted.set(row.id, known | bit(write.number))
    return true
  }
}
