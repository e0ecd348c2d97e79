import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { navigate, placeNow, replacePlace, startHistory } from './history'
import { closeLayers, layerCount, openLayer } from './layers'

/** The next entry that is shown and stays: a step that is passed over at once is not waited for. */
const arrival = () => new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))
const rest = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

async function step(by: number, arrivals = 1): Promise<void> {
  let arrived = arrival()
  window.history.go(by)
  for (let count = 0; count < arrivals; count++) {
    await arrived
    arrived = arrival()
    await rest()
  }
}

const closed: string[] = []
/** A layer that unregisters when it is closed, as a component does. */
function open(name: string): () => void {
  const gone = openLayer(() => {
    closed.push(name)
    gone()
  })
  return gone
}

let stop: () => void
let first: number

beforeEach(async () => {
  closed.length = 0
  window.history.pushState(null, '', '#/')
  stop = startHistory()
  first = window.history.length
})
afterEach(async () => {
  closeLayers()
  stop()
})

describe('layers', () => {
  it('are closed from the top, one by Back', async () => {
    navigate('#/d/a')
    open('sheet')
    open('menu')
    await rest()
    await step(-1)
    expect(closed).toEqual(['menu'])
    await step(-1)
    expect(closed).toEqual(['menu', 'sheet'])
    expect(placeNow()).toBe('#/d/a')
    await step(-1)
    expect(placeNow()).toBe('#/')
  })

  it('that close by themselves leave no entry to go back through', async () => {
    navigate('#/d/a')
    const gone = open('sheet')
    await rest()
    const arrived = arrival()
    gone()
    await arrived
    await rest()
    expect(closed).toEqual([])
    await step(-1)
    expect(placeNow()).toBe('#/')
  })

  it('that give way to another need no step at all', async () => {
    navigate('#/d/a')
    open('one')()
    const gone = open('two')
    await rest()
    const entries = window.history.length
    gone()
    open('three')
    await rest()
    expect(window.history.length).toBe(entries)
    await step(-1)
    expect(closed).toEqual(['three'])
  })

  it('opened while the entry of another is taken back stay open', async () => {
    navigate('#/d/a')
    const gone = open('one')
    await rest()
    const arrived = arrival()
    gone()
    await rest()
    open('two')
    await arrived
    await rest()
    expect(layerCount()).toBe(1)
    await step(-1)
    expect(closed).toEqual(['two'])
    expect(placeNow()).toBe('#/d/a')
  })

  it('are closed by Back over several entries', async () => {
    navigate('#/d/a')
    open('sheet')
    await rest()
    await step(-2)
    expect(closed).toEqual(['sheet'])
    expect(placeNow()).toBe('#/')
  })
})

describe('a navigation while a layer is open', () => {
  it('closes it and takes the place of its entry', async () => {
    navigate('#/d/a')
    open('sheet')
    await rest()
    navigate('#/d/a/train')
    await rest()
    expect(closed).toEqual(['sheet'])
    expect(window.history.length - first).toBe(2)
    await step(-1)
    expect(placeNow()).toBe('#/d/a')
    await step(-1)
    expect(placeNow()).toBe('#/')
  })

  it('closes no layer that stays, which then takes no step back', async () => {
    navigate('#/d/a')
    openLayer(() => closed.push('selection'), true)
    open('sheet')
    await rest()
    navigate('#/d/a/code')
    await rest()
    expect(closed).toEqual(['sheet'])
    expect(layerCount()).toBe(0)
    await step(-1)
    expect(placeNow()).toBe('#/d/a')
    expect(closed).toEqual(['sheet'])
  })

  it('back to where one came from is a step back', async () => {
    navigate('#/d/a')
    open('sheet')
    await rest()
    const arrived = arrival()
    navigate('#/')
    await arrived
    expect(closed).toEqual(['sheet'])
    expect(placeNow()).toBe('#/')
    expect(window.history.state.layer).toBeUndefined()
  })

  it('by a typed address closes it, and Back passes over the entry that stayed behind', async () => {
    navigate('#/d/a')
    open('sheet')
    await rest()
    const arrived = arrival()
    window.location.hash = '#/d/b'
    await arrived
    await rest()
    expect(closed).toEqual(['sheet'])
    await step(-1, 2)
    expect(placeNow()).toBe('#/d/a')
    expect(window.history.state.layer).toBeUndefined()
    await step(1, 2)
    expect(placeNow()).toBe('#/d/b')
  })

  it('waits for a step that is under way', async () => {
    navigate('#/d/a')
    const gone = open('sheet')
    await rest()
    const arrived = arrival()
    gone()
    await rest()
    navigate('#/d/b')
    await arrived
    await rest()
    expect(placeNow()).toBe('#/d/b')
    expect(window.history.length - first).toBe(2)
  })
})

it('Forward to the entry of a closed layer stays where it is', async () => {
  navigate('#/d/a')
  open('sheet')
  await rest()
  await step(-1)
  await step(1, 2)
  expect(placeNow()).toBe('#/d/a')
  expect(window.history.state.layer).toBeUndefined()
})

it('an entry that a reload left without its layer is taken back', async () => {
  navigate('#/d/a')
  open('sheet')
  await rest()
  closeLayers()
  stop()
  await rest()
  expect(window.history.state.layer).toBe(1)
  const arrived = arrival()
  stop = startHistory()
  await arrived
  expect(window.history.state.layer).toBeUndefined()
  await step(-1)
  expect(placeNow()).toBe('#/')
})

it('another address for the place under a layer is there once the layer is closed', async () => {
  navigate('#/d/a/in/c1')
  open('sheet')
  await rest()
  replacePlace('#/d/a')
  expect(placeNow()).toBe('#/d/a')
  await step(-1)
  expect(placeNow()).toBe('#/d/a')
  expect(closed).toEqual(['sheet'])
})

it('a browser that refuses another entry still closes layers and goes to places', async () => {
  const refused = vi.spyOn(window.history, 'pushState').mockImplementation(() => {
    throw new DOMException('too many calls', 'SecurityError')
  })
  open('sheet')
  await rest()
  expect(placeNow()).toBe('#/')
  const arrived = arrival()
  navigate('#/d/a')
  await arrived
  expect(closed).toEqual(['sheet'])
  expect(placeNow()).toBe('#/d/a')
  refused.mockRestore()
})

it('a link of the app closes what is open and is a navigation; one for another tab is not', async () => {
  navigate('#/d/a')
  open('sheet')
  await rest()
  document.body.innerHTML = '<a href="#/d/a/code"><b>Code</b></a>'
  const click = (init: MouseEventInit) =>
    document.querySelector('b')?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }))
  expect(click({ ctrlKey: true })).toBe(true)
  expect(closed).toEqual([])
  expect(click({})).toBe(false)
  await rest()
  expect(closed).toEqual(['sheet'])
  expect(placeNow()).toBe('#/d/a/code')
})
