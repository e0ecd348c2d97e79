/** Compares the end of a run with the ledger: what is missing, came back, was replaced silently or differs. */
import type { ModelArchitecture } from '../src/generated/wire'
import { canonical } from './canonical'
import { allValues, includes, type Ledger, type Write } from './ledger'
import { isPartOf } from './part_of'
import type { Recorded, Violation } from './server'

export interface End {
  ledger: Ledger
  links: (type: string) => string[]
  designs: ModelArchitecture[]
  /** conflicts of the server that must have reached a phone */
  onServer: Recorded[]
  /** conflicts that were stored on a phone at any time */
  onPhones: Recorded[]
  /** devices whose storage was replaced, and that no phone is or was by now */
  gone: Set<string>
}

/** Everything that the end of a run has wrong. */
export function judge(end: End): Violation[] {
  const { ledger, designs } = end
  const violations: Violation[] = []
  const living = new Map(designs.map((design) => [design.id, design]))
  for (const id of new Set(ledger.stored.map(({ design }) => design))) {
    const writes = ledger.stored.filter(({ design }) => design === id)
    const design = living.get(id)
    violations.push(...judgeLife(end, id, writes, design !== undefined))
    if (!design) continue
    violations.push(...judgeComponents(end, writes, design), ...judgeValues(end, writes, design), ...judgeStructure(design))
  }
  return [...violations, ...judgeReports(end)]
}

const name = ({ number, phone, summary }: Write): string => `#${number} ${phone} ${summary}`

function judgeLife(end: End, id: string, writes: Write[], alive: boolean): Violation[] {
  const deletions = writes.filter(({ deletesDesign }) => deletesDesign)
  const others = writes.filter(({ deletesDesign }) => !deletesDesign)
  const unseen = others.find(
    (write) => !write.optional && deletions.every((deletion) => misses(deletion, write)) && !hasGivenWay(end, write),
  )
  if (!alive && unseen) {
    const kind = deletions.length === 0 ? 'design lost' : 'edit lost with its design'
    return [{ kind, design: id, write: name(unseen), deletions: deletions.map(name) }]
  }
  const final = deletions.find(
    ({ optional, known }) => !optional && others.every(({ number, shared }) => includes(known, number) && !shared),
  )
  return alive && final ? [{ kind: 'deleted design came back', design: id, deletion: name(final) }] : []
}

/** Whether a deleted design had nothing of an edit: others may have made the same, such as a deletion. */
const misses = ({ known, from }: Write, write: Write): boolean =>
  !includes(known, write.number) && !(from && isPartOf(write, from))

/** Whether nothing was left of an edit after a merge, which reported that, so that there was nothing a deletion could miss. */
function hasGivenWay(end: End, write: Write): boolean {
  const { design, values, added, deleted } = write
  if (added.length > 0) return false
  const inRecords = (path: string): boolean =>
    [...end.onPhones, ...end.onServer].some((record) => record.design === design && record.path.startsWith(path))
  if (values.size === 0 && deleted.length === 0) return inRecords('/edges/')
  return (
    deleted.every((id) => inRecords(`/components/${id}`)) &&
    [...values].every(([place, value]) => isRecorded(end, design, place, value))
  )
}

function judgeComponents(end: End, writes: Write[], design: ModelArchitecture): Violation[] {
  const { ledger } = end
  const present = new Set(design.components.map(({ id }) => id))
  const violations: Violation[] = []
  const deletedBy = new Map<string, Write[]>()
  for (const write of writes) for (const id of write.deleted) deletedBy.set(id, [...(deletedBy.get(id) ?? []), write])
  const deletions = writes.filter(({ deletesDesign }) => deletesDesign)
  for (const write of writes) {
    if (write.optional || deletions.some(({ known }) => includes(known, write.number))) continue
    for (const id of write.added) {
      if (!present.has(id) && !deletedBy.has(id)) {
        violations.push({ kind: 'component lost', design: design.id, component: id, write: name(write) })
      }
    }
  }
  for (const [id, deleters] of deletedBy) {
    // what is deleted together is brought back together: by an edit of a part of it, or of a container that it came out of
    const knowsAll = ({ known, deleted }: Write): boolean => {
      const parts = [...deleted, ...deleted.flatMap((part) => ledger.homesOf(design.id, part))]
      return writes
        .filter((write) => !write.deleted.includes(id) && parts.some((part) => write.touched.has(part)))
        .every(({ number, shared }) => includes(known, number) && !shared)
    }
    // what a phone did before it deleted the whole design is not sent by itself, so it is lost if the design comes back
    const sentAlone = deleters.filter(({ number }) => !deletions.some(({ known }) => includes(known, number)))
    const last = sentAlone.find((write) => !write.optional && knowsAll(write))
    // a repair may restore a component that the merged design needs, and reports that
    if (present.has(id) && last && !isReported(end, design.id, `/components/${id}`)) {
      violations.push({ kind: 'deleted component came back', design: design.id, component: id, deletion: name(last) })
    }
  }
  return violations
}

const isReported = ({ onServer, onPhones }: End, design: string, path: string): boolean =>
  [...onPhones, ...onServer].some((record) => record.design === design && record.path === path)

function judgeValues(end: End, writes: Write[], design: ModelArchitecture): Violation[] {
  const values = allValues(design, end.links)
  const present = new Set(design.components.map(({ id }) => id))
  // a component or design that someone deleted has the values of the device that restored it
  const deleted = new Set(writes.flatMap((write) => write.deleted))
  if (writes.some(({ deletesDesign }) => deletesDesign)) return []
  const byPlace = new Map<string, Write[]>()
  for (const write of writes) {
    for (const place of write.values.keys()) byPlace.set(place, [...(byPlace.get(place) ?? []), write])
  }
  const violations: Violation[] = []
  for (const [place, writers] of byPlace) {
    const [owner = ''] = place.split('/')
    const ofComponent = owner !== 'name' && owner !== 'meta'
    if (ofComponent && (deleted.has(owner) || !present.has(owner))) continue
    violations.push(...judgePlace(end, design.id, place, writers, values.get(place)))
  }
  return violations
}

function judgePlace(end: End, design: string, place: string, writers: Write[], final: string | undefined): Violation[] {
  const where = { design, place, final: final ?? null }
  const sources = writers.filter(({ values }) => values.get(place) === final)
  const violations: Violation[] = []
  const newer = (write: Write): Write | undefined =>
    writers.find((other) => !other.optional && other !== write && includes(other.known, write.number))
  const [first] = sources
  // a shared edit was made twice, and what replaced it the first time is concurrent with the second; a repair may go back to
  // the value of one side, and reports that with the value that it replaces
  const isKept = (write: Write): boolean => {
    const next = newer(write)
    return !next || isRecorded(end, design, place, next.values.get(place) as string, final)
  }
  if (first && sources.every((write) => !write.shared && !isKept(write))) {
    violations.push({ kind: 'value reverted', ...where, from: name(first), replacedBy: name(newer(first) as Write) })
  }
  // a repair may turn a switch where both sides left it, and reports that
  const byRepair = final !== undefined && isRecorded(end, design, place, final)
  if (!first && !byRepair && writers.some(({ optional }) => !optional)) {
    violations.push({ kind: 'value lost', ...where, writers: writers.map(name) })
  }
  for (const write of writers) {
    const value = write.values.get(place)
    if (write.optional || value === final) continue
    if (writers.some((other) => other !== write && other.before.get(place) === value)) continue
    if (!isRecorded(end, design, place, value as string)) {
      violations.push({ kind: 'overwritten without a record', ...where, lost: value, write: name(write) })
    }
  }
  return violations
}

/** Whether a conflict names a value of a place; with `beside`, as the other side of that one. */
function isRecorded({ onServer, onPhones }: End, design: string, place: string, value: string, beside?: string): boolean {
  const isComponent = !/^(name|meta)/.test(place)
  const path = isComponent ? `/components/${place}` : `/${place}`
  return [...onPhones, ...onServer].some((record) => {
    if (record.design !== design) return false
    if (path !== record.path && !path.startsWith(`${record.path}/`)) return false
    const rest = path.slice(record.path.length).split('/').filter(Boolean)
    const sides = [record.mine, record.theirs].map((side) => canonical(at(side, rest) ?? null))
    return sides.includes(value) && (beside === undefined || sides.includes(beside))
  })
}

function at(value: unknown, path: string[]): unknown {
  let part = value
  for (const key of path) part = (part as Record<string, unknown> | null | undefined)?.[key]
  return part
}

function judgeStructure(design: ModelArchitecture): Violation[] {
  const ids = new Set(design.components.map(({ id }) => id))
  const edges = design.edges.filter((ends) => ends.some((id) => !ids.has(id)))
  const lost = design.components.filter(({ inside }) => inside != null && !ids.has(inside))
  return [
    ...edges.map((edge): Violation => ({ kind: 'dangling edge', design: design.id, edge })),
    ...lost.map(({ id, inside }): Violation => ({ kind: 'dangling container', design: design.id, component: id, inside })),
  ]
}

/** What makes two reports the same conflict. */
export const recordKey = (record: Recorded): string =>
  record.id ?? canonical([record.design, record.path, record.base, record.mine, record.theirs])

function judgeReports({ onServer, onPhones, gone }: End): Violation[] {
  const seen = new Set(onPhones.map(recordKey))
  // a conflict between devices of which none is left can reach nobody
  const isOfNobody = ({ devices = [] }: Recorded): boolean => devices.length > 0 && devices.every((id) => gone.has(id))
  return onServer
    .filter((record) => !seen.has(recordKey(record)) && !isOfNobody(record))
    .map(({ design, path, mine, theirs, id }) => ({ kind: 'conflict reached no device', design, path, mine, theirs, id }))
}
