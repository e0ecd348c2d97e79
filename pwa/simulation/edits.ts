/** Random edits of a person, made with the commands of the app. */
import type { Change } from '../src/document/commands'
import type { Component, ModelArchitecture, Property } from '../src/generated/wire'
import type { PhoneApp } from './phone_start'
import type { Random } from './random'

const NEW_BLOCKS = ['linear', 'layer_norm', 'rms_norm', 'dropout', 'activation', 'transformer_layer', 'attention', 'add']
const MANY = 30

/** Numbers that no value of a run has twice. */
export class FreshNumbers {
  private last = 0
  next(): number {
    this.last += 1
    return this.last
  }
}

interface Making {
  app: PhoneApp
  random: Random
  fresh: FreshNumbers
}

type MakeEdit = (making: Making, design: ModelArchitecture) => Change | undefined

const insert: MakeEdit = ({ app, random }, design) => {
  const id = app.commands.newComponentId(design)
  const [near = null, target] = random.pick(design.edges) ?? []
  const beside = design.components.find((component) => component.id === near)
  const type = random.pick(NEW_BLOCKS) as string
  const inside = beside ? app.insideOf(beside) : null
  return app.insertLikely(design, { id, type, props: {}, inside }, { near, target })
}

const setProperty: MakeEdit = (making, design) => {
  const places = design.components.flatMap((component) =>
    freeProperties(making.app, component).map((form) => ({ component, form })),
  )
  const place = making.random.pick(places)
  if (!place) return undefined
  const value = freshValue(place.form, making.fresh.next())
  return making.app.commands.setProperty(design, { id: place.component.id, field: place.form.name, value })
}

/** Properties that take many values without an effect on any other component. */
const freeProperties = (app: PhoneApp, { type }: Component): readonly Property[] =>
  (app.blockOf(type)?.properties ?? []).filter(({ type, name }) => type === 'number' || name === 'dim_feedforward')

function freshValue({ type, minimum, maximum }: Property, number: number): number {
  const [from, to] = [minimum ?? 0, maximum ?? 1]
  return type === 'integer' ? from + number : from + ((to - from) * number) / 10_007
}

const removeBlock: MakeEdit = ({ app, random }, design) => {
  const one = random.pick(design.components)
  return one && app.commands.removeComponents(design, { ids: [one.id] })
}

const move: MakeEdit = ({ app, random, fresh }, design) => {
  const one = random.pick(design.components)
  return one && app.commands.moveComponents(design, { places: [{ id: one.id, x: fresh.next() + 0.5, y: one.y + 0.25 }] })
}

const rename: MakeEdit = ({ app, fresh }, design) => app.commands.rename(design, { name: `Design ${fresh.next()}` })

/** Name a block or remove its name; the block is derived from the fresh number, so that no random number is drawn. */
const nameBlock: MakeEdit = ({ app, fresh }, design) => {
  const number = fresh.next()
  const named = design.components.filter(({ name }) => name)
  const takesAway = named.length > 0 && number % 3 === 0
  const among = takesAway ? named : design.components
  const one = among[number % among.length]
  return one && app.commands.nameBlock(design, { id: one.id, name: takesAway ? '' : `Block ${number}` })
}

const setMeta: MakeEdit = ({ app, fresh }, design) => {
  // a multiple of 8 within the bounds, and new for the first hundred times
  const value = 8 + 8 * (fresh.next() % 120)
  return app.commands.setMeta(design, { field: 'd_model', value })
}

const connect: MakeEdit = ({ app, random }, design) => {
  const [source, target] = [random.pick(design.components), random.pick(design.components)]
  return source && target && app.commands.connect(design, { source: source.id, target: target.id })
}

const disconnect: MakeEdit = ({ app, random }, design) => {
  const [source, target] = random.pick(design.edges) ?? []
  return source && target ? app.commands.disconnect(design, { source, target }) : undefined
}

const group: MakeEdit = ({ app, random }, design) => {
  const first = random.pick(design.components.filter((component) => app.canGroup(component)))
  if (!first) return undefined
  const next = design.edges.find(([source]) => source === first.id)?.[1]
  const second = design.components.find(({ id }) => id === next)
  const both = second && app.canGroup(second) && app.insideOf(second) === app.insideOf(first) && random.chance(0.5)
  const ids = both ? [first.id, second.id] : [first.id]
  const type = random.chance(0.5) ? 'repeat' : 'subnetwork'
  return app.groupInto(design, { ids, type, newId: app.commands.newComponentId(design) })
}

const ungroup: MakeEdit = ({ app, random }, design) => {
  const one = random.pick(design.components.filter((component) => app.canUngroup(design, component)))
  return one && app.ungroup(design, { id: one.id })
}

const link: MakeEdit = ({ app, random }, design) => {
  const one = random.pick(design.components.filter(({ type }) => type === 'subnetwork'))
  if (!one) return undefined
  const to = random.chance(0.3) ? null : (random.pick(app.definitionsFor(design, one))?.id ?? null)
  return app.link(design, { id: one.id, field: 'definition', to })
}

const reorder: MakeEdit = ({ app, random }, design) => {
  const one = random.pick(design.components)
  return one && app.commands.reorder(design, { id: one.id, by: random.chance(0.5) ? 1 : -1 })
}

const KINDS = {
  ...{ insert, setProperty, removeBlock, move, rename, nameBlock, setMeta },
  ...{ connect, disconnect, group, ungroup, link, reorder },
}
const WEIGHTS = {
  ...{ insert: 28, setProperty: 26, removeBlock: 10, move: 10, rename: 2, nameBlock: 2, setMeta: 4 },
  ...{ connect: 5, disconnect: 3, group: 4, ungroup: 2, link: 2, reorder: 2 },
}

/** A random edit of a design, which may turn out to change nothing. */
export function randomEdit(making: Making, design: ModelArchitecture): Change | undefined {
  const crowded = design.components.length > MANY
  const kind = making.random.weighted({ ...WEIGHTS, ...(crowded && { insert: 8, removeBlock: 30 }) })
  return KINDS[kind](making, design)
}
