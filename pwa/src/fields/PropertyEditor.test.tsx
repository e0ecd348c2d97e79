import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { Property } from '../document/catalogue'
import { wholeNumber } from '../document/test_property'
import { PropertyEditor } from './PropertyEditor'

const groups: Property = {
  ...wholeNumber,
  name: 'num_key_value_heads',
  minimum: 1,
  maximum: 64,
  step: 1,
  divides: 'n_heads',
  nullable: true,
  default: null,
  default_text: 'n_heads',
}

const stored = vi.fn()

const show = (value: number | null) => {
  stored.mockReset()
  render(
    <PropertyEditor
      form={groups}
      effective={{ value, from: value === null ? 'block' : 'component' }}
      inherited={{ value: null, from: 'block' }}
      divided={4}
      problem={undefined}
      onValue={stored}
      onSettled={() => {}}
    />,
  )
  return screen.getByRole('combobox', { name: 'num_key_value_heads' }) as HTMLSelectElement
}

afterEach(cleanup)

it('says what a choice that is left out stands for', () => {
  const choice = show(null)
  expect(choice.selectedOptions[0]?.textContent).toBe('n_heads')
  expect([...choice.options].map((option) => option.textContent)).toEqual(['n_heads', '1', '2', '4'])
  fireEvent.change(choice, { target: { value: '2' } })
  expect(stored).toHaveBeenCalledWith(2)
})

it('leaves a choice out again', () => {
  fireEvent.change(show(2), { target: { value: 'null' } })
  expect(stored).toHaveBeenCalledWith(undefined)
})
