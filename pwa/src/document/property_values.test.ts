import { describe, expect, it } from 'vitest'
import { blockKinds, metaForm } from './catalogue'
import { boundsProblem, choicesOf, editorOf, inputText, parseTyped, stepValue } from './property_values'
import { wholeNumber } from './test_property'

describe('editorOf', () => {
  it('knows an editor for every property of the catalogue', () => {
    const forms = [...metaForm, ...blockKinds.flatMap((block) => block.properties)]
    for (const form of forms)
      expect(['choice', 'switch', 'slider', 'number', 'numbers', 'patterns', 'component']).toContain(editorOf(form))
  })

  it('offers a slider only where its stops can be told apart', () => {
    expect(editorOf({ ...wholeNumber, type: 'number' as const, minimum: 0, maximum: 0.9, step: 0.05 })).toBe('slider')
    expect(editorOf({ ...wholeNumber, type: 'number' as const, minimum: 0, maximum: 10, step: 0.001 })).toBe('number')
    expect(editorOf({ ...wholeNumber, type: 'number' as const, minimum: 0, maximum: 1, step: null })).toBe('number')
  })
})

describe('parseTyped', () => {
  it('reads numbers as people type them', () => {
    expect(parseTyped(' 1,024 ', wholeNumber)).toEqual({ value: 1024 })
    expect(parseTyped('1e-5', { ...wholeNumber, type: 'number' })).toEqual({ value: 1e-5 })
  })

  it('takes a number out of bounds, as validation reports it', () => {
    expect(parseTyped('130', wholeNumber)).toEqual({ value: 130 })
    expect(boundsProblem(130, wholeNumber)).toBe('A multiple of 8')
    expect(boundsProblem(4096, wholeNumber)).toBe('At most 1024')
    expect(boundsProblem(0, wholeNumber)).toBe('At least 8')
    expect(boundsProblem(128, wholeNumber)).toBeUndefined()
  })

  it('says what is missing', () => {
    expect(parseTyped('', wholeNumber)).toEqual({ problem: 'Needs a number' })
    expect(parseTyped('ten', wholeNumber)).toEqual({ problem: 'Needs a number' })
    expect(parseTyped('1.5', wholeNumber)).toEqual({ problem: 'Needs a whole number' })
    expect(parseTyped('', { ...wholeNumber, nullable: true })).toEqual({ value: undefined })
  })
})

describe('stepValue', () => {
  it('stays on the grid and within the bounds', () => {
    expect(stepValue(64, wholeNumber, 1)).toBe(72)
    expect(stepValue(65, wholeNumber, 1)).toBe(72)
    expect(stepValue(65, wholeNumber, -1)).toBe(64)
    expect(stepValue(8, wholeNumber, -1)).toBe(8)
    expect(stepValue(1024, wholeNumber, 1)).toBe(1024)
  })

  it('does not drift with fractions', () => {
    const form = { ...wholeNumber, type: 'number' as const, minimum: 0, maximum: 1, step: 0.005 }
    let value = 0
    for (let count = 0; count < 200; count++) value = stepValue(value, form, 1)
    expect(value).toBe(1)
  })

  it('goes by tens where there is no step', () => {
    const form = { ...wholeNumber, type: 'number' as const, minimum: 1e-12, maximum: 0.1, step: null }
    expect(stepValue(1e-5, form, 1)).toBe(1e-4)
    expect(stepValue(1e-5, form, -1)).toBe(1e-6)
    expect(stepValue(0.1, form, 1)).toBe(0.1)
  })
})

describe('choicesOf', () => {
  it('offers only the divisors', () => {
    const form = { ...wholeNumber, minimum: 1, maximum: 64, divides: 'd_model' }
    expect(choicesOf(form, 4, 24).map(({ value }) => value)).toEqual([1, 2, 3, 4, 6, 8, 12, 24])
  })

  it('keeps a value that does not fit, and says so', () => {
    const form = { ...wholeNumber, minimum: 1, maximum: 64, divides: 'd_model' }
    expect(choicesOf(form, 5, 24).at(-1)).toEqual({ value: 5, label: '5 (does not fit)', unfit: true })
  })

  it('offers nothing that divides nonsense', () => {
    expect(choicesOf({ ...wholeNumber, divides: 'd_model' }, null, 'wide')).toEqual([])
  })
})

it('shows small numbers shortly and nothing for what is worked out', () => {
  expect(inputText(1e-5)).toBe('1e-5')
  expect(inputText(0.05)).toBe('0.05')
  expect(inputText(null)).toBe('')
})
