import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import type { Property } from '../document/catalogue'
import { wholeNumber } from '../document/test_property'
import { NumberField } from './NumberField'

const width: Property = { ...wholeNumber, name: 'd_model', title: 'Width', default: 64 }
const rate: Property = { ...width, name: 'learning_rate', type: 'number', minimum: 1e-12, maximum: 0.1, step: null }

const stored = vi.fn()

function Editor({ form, first, bounded }: { form: Property; first?: number; bounded?: boolean }) {
  const [value, setValue] = useState(first)
  const onValue = (next: number | undefined) => {
    stored(next)
    setValue(next)
  }
  return (
    <NumberField
      form={form}
      value={value}
      problem={undefined}
      onValue={onValue}
      onSettled={() => {}}
      bounded={bounded ?? false}
    />
  )
}

const edit = (form: Property, first?: number, bounded?: boolean) => {
  stored.mockReset()
  render(<Editor form={form} first={first} bounded={bounded} />)
  return screen.getByRole('spinbutton', { name: form.name }) as HTMLInputElement
}
const button = (name: string) => screen.getByRole('button', { name }) as HTMLButtonElement

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('is a spinbutton with its bounds, and the keyboard of numbers', () => {
  const field = edit(width, 64)
  expect(field.inputMode).toBe('numeric')
  expect(['now', 'min', 'max'].map((part) => field.getAttribute(`aria-value${part}`))).toEqual(['64', '8', '1024'])
  expect(field.getAttribute('aria-roledescription')).toBeNull()
  cleanup()
  expect(edit(rate, 0.01).inputMode).toBe('decimal')
})

it('steps by arrow keys and buttons on the grid of the property, up to its bounds', () => {
  const field = edit(width, 1009)
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(field.value).toBe('1016')
  fireEvent.click(button('More d_model'))
  expect(field.value).toBe('1024')
  expect(button('More d_model').getAttribute('aria-disabled')).toBe('true')
  fireEvent.keyDown(field, { key: 'ArrowDown' })
  expect(field.value).toBe('1016')
})

it('goes by tens where the property has no step', () => {
  const field = edit(rate, 0.001)
  fireEvent.click(button('Less learning_rate'))
  expect(field.value).toBe('0.0001')
  fireEvent.click(button('Less learning_rate'))
  expect(field.value).toBe('1e-5')
})

it('steps on from what is typed, also before it is stored', () => {
  const field = edit(width, 64)
  fireEvent.change(field, { target: { value: '256' } })
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(stored.mock.calls).toEqual([[256], [264]])
  expect(field.value).toBe('264')
})

it('goes on stepping while a button is held, and stops on release', () => {
  vi.useFakeTimers()
  const field = edit(width, 64)
  fireEvent.pointerDown(button('More d_model'), { pointerType: 'touch', button: 0 })
  // in small steps, since React renders between them as it does in a browser
  for (let step = 0; step < 40; step += 1) act(() => vi.advanceTimersByTime(25))
  const held = Number(field.value)
  expect(held).toBeGreaterThan(64 + 3 * 8)
  expect(held % 8).toBe(0)
  fireEvent.pointerUp(button('More d_model'), { pointerType: 'touch' })
  act(() => vi.advanceTimersByTime(1000))
  expect(Number(field.value)).toBe(held)
})

it('reads numbers as people type them, with an exponent or separators', () => {
  const field = edit(rate, 0.01)
  fireEvent.change(field, { target: { value: '3e-4' } })
  fireEvent.keyDown(field, { key: 'Enter' })
  expect(field.value).toBe('0.0003')
})

it('shows letters as they are typed, with the reason why they are refused', () => {
  const field = edit(width, 64)
  fireEvent.change(field, { target: { value: 'wide' } })
  expect(field.value).toBe('wide')
  expect(field.getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByRole('alert').textContent).toBe('Needs a number')
  fireEvent.blur(field)
  expect(field.value).toBe('64')
  expect(screen.getByRole('alert').textContent).toBe('wide was not stored: needs a number')
  expect(stored).not.toHaveBeenCalled()
})

it('has nothing to step from where its value is left to the default', () => {
  const field = edit({ ...width, nullable: true })
  expect(button('More d_model').getAttribute('aria-disabled')).toBe('true')
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(stored).not.toHaveBeenCalled()
})
