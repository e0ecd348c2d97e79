import { act, cleanup, render } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { later } from './later'

afterEach(cleanup)

const module = { Greeting: ({ name }: { name: string }) => <p>Hello {name}</p> }
const NotLoaded = () => <p>not loaded</p>

it('shows nothing until the code has come, and the next time at once', async () => {
  const Later = later(
    async () => module,
    ({ Greeting }) => Greeting,
    NotLoaded,
  )
  const first = render(<Later name="Ada" />)
  expect(first.container.textContent).toBe('')
  await act(async () => {})
  expect(first.container.textContent).toBe('Hello Ada')
  expect(render(<Later name="Bo" />).container.textContent).toBe('Hello Bo')
})

it('says that the code could not be loaded, and tries again the next time', async () => {
  const load = vi.fn(async () => module).mockRejectedValueOnce(new Error('no file'))
  const Later = later(load, ({ Greeting }) => Greeting, NotLoaded)
  const first = render(<Later name="Ada" />)
  await act(async () => {})
  expect(first.container.textContent).toBe('not loaded')
  first.unmount()
  const second = render(<Later name="Ada" />)
  await act(async () => {})
  expect(second.container.textContent).toBe('Hello Ada')
})
