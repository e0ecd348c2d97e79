/**
 * Every edit of a run, with what its phone knew then: the ground truth that the end of a run is compared with.
 *
 * Known sets are bits, one for each edit. An edit replaces the edits of the same value that its document included.
 */
import type { Component, ModelArchitecture } from '../src/generated/wire'
import { canonical } from './canonical'
import { notesOf } from './clone'

/** A set of edits: bit n for edit number n. */
export type Known = bigint

export interface Write {
  number: number
  phone: string
  design: string
  summary: string
  /** the edits that the edited document included */
  known: Known
  /** values by place, such as `c1/props/p`, as JSON text */
  values: Map<string, string>
  /** the values that stood there before, as JSON text */
  before: Map<string, string>
  added: string[]
  deleted: string[]
  /** edges that it deleted and drew, as text */
  cut: string[]
  drawn: string[]
  /** components that the edit changed in any way, and those around them */
  touched: Set<string>
  /** the documents before and after; null is no design */
  from: ModelArchitecture | null
  to: ModelArchitecture | null
  /** whether the whole design was made or deleted */
  made: boolean
  deletesDesign: boolean
  /** whether the edit may be missing at the end: its phone's storage was put back before the edit reached the server */
  optional: boolean
  delivered: boolean
  /** whether a copy of the storage from before the edit reached the server was used later: the edit was made again with that */
  shared: boolean
}

export const bit = (number: number): Known => 1n << BigInt(number)
export const includes = (known: Known, number: number): boolean => (known >> BigInt(number)) % 2n === 1n

/** Fields whose values are compared at the end, where a component has them; the value of a link, a container or an order is structure. */
const FIELDS = ['x', 'name'] as const

/** The values of a component by place; those of one that cannot change are looked up once. */
function valuesOf(component: Component, links: (type: string) => string[]): Map<string, string> {
  const notes = notesOf(component)
  if (notes?.values) return notes.values
  const values = new Map<string, string>()
  for (const field of FIELDS) values.set(`${component.id}/${field}`, canonical(component[field]))
  const linked = links(component.type)
  for (const [name, value] of Object.entries(component.props ?? {})) {
    if (!linked.includes(name)) values.set(`${component.id}/props/${name}`, canonical(value))
  }
  if (notes) notes.values = values
  return values
}

/** The values of a whole design by place. */
export function allValues(design: ModelArchitecture, links: (type: string) => string[]): Map<string, string> {
  const values = new Map<string, string>([['name', canonical(design.name)]])
  for (const [name, value] of Object.entries(design.meta)) values.set(`meta/${name}`, canonical(value))
  for (const component of design.components) for (const [place, value] of valuesOf(component, links)) values.set(place, value)
  return values
}

export class Ledger {
  readonly writes: Write[] = []
  private readonly erased = new Set<number>()
  /** every container that a component was in, by design and component */
  private readonly homes = new Map<string, Set<string>>()

  constructor(private readonly links: (type: string) => string[]) {}

  /** Note an edit from one document to another; null is no design. */
  note(phone: string, summary: string, known: Known, before: ModelArchitecture | null, after: ModelArchitecture | null): Write {
    const design = (after ?? before)?.id ?? ''
    const write: Write = {
      ...{ number: this.writes.length, phone, design, summary, known, optional: false, delivered: false, shared: false },
      ...{ from: before, to: after, made: before === null, deletesDesign: after === null },
      ...{ values: new Map(), before: new Map(), added: [], deleted: [], cut: [], drawn: [], touched: new Set() },
    }
    this.writes.push(write)
    if (after) this.compare(write, before, after)
    return write
  }

  /** Forget an edit that its phone never stored. */
  erase({ number }: Write): void {
    this.erased.add(number)
  }

  /** Every container that a component of a design was in at some time on some phone. */
  homesOf(design: string, id: string): string[] {
    return [...(this.homes.get(`${design} ${id}`) ?? [])]
  }

  /** The edits that were stored. */
  get stored(): Write[] {
    return this.writes.filter(({ number }) => !this.erased.has(number))
  }

  private compare(write: Write, before: ModelArchitecture | null, after: ModelArchitecture): void {
    const was = before ? allValues(before, this.links) : new Map<string, string>()
    for (const [place, value] of allValues(after, this.links)) {
      if (was.get(place) === value) continue
      write.values.set(place, value)
      const old = was.get(place)
      if (old !== undefined) write.before.set(place, old)
    }
    for (const { id, inside } of after.components) {
      const key = `${after.id} ${id}`
      if (inside) this.homes.set(key, (this.homes.get(key) ?? new Set()).add(inside))
    }
    const there = new Map(before?.components.map((component) => [component.id, component]))
    const now = new Map(after.components.map((component) => [component.id, component]))
    write.added = [...now.keys()].filter((id) => !there.has(id))
    write.deleted = [...there.keys()].filter((id) => !now.has(id))
    const changed = [...new Set([...now.keys(), ...there.keys()])].filter(
      (id) => canonical(there.get(id) ?? null) !== canonical(now.get(id) ?? null),
    )
    const drawnBefore = new Set(before?.edges.map(edgeText))
    const drawnNow = new Set(after.edges.map(edgeText))
    write.cut = [...drawnBefore].filter((edge) => !drawnNow.has(edge))
    write.drawn = [...drawnNow].filter((edge) => !drawnBefore.has(edge))
    const ends = [...write.cut, ...write.drawn].flatMap((edge) => edge.split(' '))
    for (const id of [...changed, ...ends]) {
      write.touched.add(id)
      for (const side of [there, now]) for (const other of this.around(id, side)) write.touched.add(other)
    }
  }

  /** The containers around a component, and what it links to with its content: what an edit of it keeps alive. */
  private around(id: string, side: Map<string, Component>): string[] {
    const component = side.get(id)
    if (!component) return []
    const found: string[] = []
    for (let at = component.inside ?? null; at !== null && !found.includes(at); at = side.get(at)?.inside ?? null) found.push(at)
    for (const name of this.links(component.type)) {
      const target = component.props?.[name]
      if (typeof target !== 'string') continue
      const content = [target]
      for (const inner of content) {
        for (const [child, { inside }] of side) if (inside === inner && !content.includes(child)) content.push(child)
      }
      found.push(...content)
    }
    return found
  }
}

/** An edge as the lists of an edit have it. */
export const edgeText = (edge: string[]): string => edge.join(' ')
