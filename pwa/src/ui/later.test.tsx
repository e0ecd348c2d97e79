import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { later, MissingSheet, missingScreen } from './later'

afterEach(cleanup)

const parts = { Greeting: ({ name }: { name: string }) => <p>Hello {name}</p> }

test('a part is loaded when it is first shown, and is there at once afterwards', async () => {
  const load = vi.fn(async () => parts)
  const Greeting = later(load, ({ Greeting }) => Greeting, missingScreen('Greeting'))
  expect(load).not.toHaveBeenCalled()
  render(<Greeting name="Ada" />)
  expect((await screen.findByText('Hello Ada')).tagName).toBe('P')
  cleanup()
  render(<Greeting name="Alan" />)
  screen.getByText('Hello Alan')
  expect(load).toHaveBeenCalledTimes(1)
})

test('what was loaded ahead is there at once', async () => {
  const Greeting = later(
    async () => parts,
    ({ Greeting }) => Greeting,
    missingScreen('Greeting'),
  )
  await Greeting.preload()
  render(<Greeting name="Ada" />)
  screen.getByText('Hello Ada')
})

test('a part that cannot be loaded says so, and is tried again when it is shown again', async () => {
  const load = vi.fn(async () => parts)
  load.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  const Greeting = later(load, ({ Greeting }) => Greeting, missingScreen('Greeting'))
  render(<Greeting name="Ada" />)
  expect((await screen.findByRole('status', { name: 'Greeting' })).textContent).toContain('could not be loaded')
  cleanup()
  render(<Greeting name="Ada" />)
  await screen.findByText('Hello Ada')
})

test('a sheet that cannot be loaded can be closed', async () => {
  const onClose = vi.fn()
  const Sheet = later(
    () => Promise.reject(new Error('gone')),
    () => MissingSheet,
    MissingSheet,
  )
  render(<Sheet onClose={onClose} />)
  const missing = await screen.findByRole('alert', { name: 'Not loaded' })
  for (const button of missing.querySelectorAll('button')) if (button.textContent === 'Close') button.click()
  expect(onClose).toHaveBeenCalledTimes(1)
})
