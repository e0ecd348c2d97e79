import { expect, it } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { cardOf, cardText } from './card'
import { offersOf } from './offers'
import { exportableRun, keptNetwork, listOf } from './test_exports'

const [run] = offersOf(listOf(exportableRun('r1')), [])
if (!run) throw new Error('there is no run')

it('shows the score, the facts and the tiles of the newest test games', () => {
  const card = cardOf(run, 'Tiny MLP', null)
  expect(card.score).toEqual({ value: '2,401', words: 'mean score in test games' })
  expect(card.facts).toEqual([
    { label: 'Parameters', value: '42,917' },
    { label: 'Time trained', value: '15 min' },
    { label: 'Moves', value: '614,400' },
    { label: 'Median score', value: '2,210' },
  ])
  expect(card.tiles.map(({ face }) => face)).toEqual([64, 128, 256, 512])
  expect(card.subject).toContain('PPO')
})

it('says in text what the image shows', () => {
  const design = sampleDesign()
  const text = cardText(cardOf(run, 'Tiny MLP', design))
  expect(text).toContain('Model card of Tiny MLP. PPO · ')
  expect(text).toContain('2,401 mean score in test games. Parameters: 42,917, Time trained: 15 min, Moves: 614,400')
  expect(text).toContain('Largest tile, 256 games: 128: 25 %, 256: 62 %, 512: 13 %.')
  expect(text).toContain(`A drawing of its ${design.components.length} blocks. Design a1b2c3d4.`)
})

it('leaves out what nobody measured', () => {
  const [bare] = offersOf(undefined, [keptNetwork('r1', 512, { trainSeconds: null, parameters: 0, score: null })])
  const card = cardOf(bare ?? run, 'Tiny MLP', null)
  expect(card.score).toBeNull()
  expect(card.facts).toEqual([{ label: 'Moves', value: '512' }])
  expect(cardText(card)).not.toMatch(/null|undefined|NaN/)
})

it('has the name and the tags of the run', () => {
  const [named] = offersOf(listOf(exportableRun('r1', { name: 'First try', tags: ['baseline', 'fast'] })), [])
  const card = cardOf(named ?? run, 'Tiny MLP', null)
  expect(card.subject).toMatch(/^First try · PPO · /)
  expect(cardText(card)).toMatch(/^Model card of Tiny MLP\. First try · PPO · .*\. Tags: baseline, fast\. /)
  expect(cardText(cardOf(run, 'Tiny MLP', null))).not.toContain('Tags')
})
