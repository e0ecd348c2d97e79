import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liveState } from '../live/live'
import { recordToasts } from '../ui/test_toasts'
import { NotificationQuestion } from './NotificationQuestion'
import { NotificationSetting } from './NotificationSetting'
import { obstacleHere, readNotifications, turnOff, turnOn } from './notifications'
import { askAfterStart, LONG_S, questionStore } from './question'
import { startRenewal } from './renewal'
import { FakeBrowser, FakePushServer, PUBLIC_KEY } from './test_push'

const toasts = recordToasts()
let browser: FakeBrowser
let server: FakePushServer

beforeEach(() => {
  localStorage.clear()
  browser = new FakeBrowser()
  server = new FakePushServer()
  browser.install()
  server.install()
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
  questionStore.setState({ designId: null, seconds: 0 })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(navigator, 'serviceWorker')
  Reflect.deleteProperty(navigator, 'userAgent')
  Reflect.deleteProperty(navigator, 'maxTouchPoints')
})

const unpaired = { type: 'urn:model-studio:not_paired', title: 'Not paired', status: 401, detail: 'Not paired' }

it('is turned on after the permission was given, and off again', async () => {
  expect(await readNotifications()).toBe('off')
  expect(await turnOn()).toBe('on')
  expect(server.state.endpoint).toBe('https://phone.example/push/1')
  expect(await readNotifications()).toBe('on')
  expect(await turnOff()).toBe('off')
  expect([browser.subscription, server.state.endpoint]).toEqual([null, null])
  expect(await readNotifications()).toBe('off')
})

it('asks for the permission when it is turned on, and never before', async () => {
  await readNotifications()
  expect(browser.asked).toBe(0)
  await turnOn()
  expect(browser.asked).toBe(1)
})

it.each([
  ['denied', 'blocked'],
  ['default', 'off'],
] as const)('an answer %s to the permission leaves it %s', async (answer, state) => {
  browser.answer = answer
  expect(await turnOn()).toBe(state)
  expect(browser.subscription).toBeNull()
  expect(server.calls).toEqual([])
})

it('tells the server nothing twice', async () => {
  await turnOn()
  await readNotifications()
  expect(server.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1)
})

it('gives the server the subscription again that it has lost', async () => {
  await turnOn()
  server.state = { ...server.state, endpoint: null }
  expect(await readNotifications()).toBe('on')
  expect(server.state.endpoint).toBe('https://phone.example/push/1')
})

it('subscribes anew where the server has another key', async () => {
  await turnOn()
  server.state = { paired: true, public_key: `BB${'A'.repeat(85)}`, endpoint: null }
  expect(await readNotifications()).toBe('on')
  expect(server.state.endpoint).toBe('https://phone.example/push/2')
})

it('does not subscribe by itself where it was not turned on', async () => {
  browser.permission = 'granted'
  browser.subscribeFor(PUBLIC_KEY)
  expect(await readNotifications()).toBe('off')
  expect(server.state.endpoint).toBeNull()
})

it('is off after the permission was revoked, and turning it off removes the subscription from the server', async () => {
  await turnOn()
  browser.permission = 'default'
  expect(await readNotifications()).toBe('off')
})

it('can be turned off without the server', async () => {
  await turnOn()
  server.reachable = false
  expect(await turnOff()).toBe('off')
  expect(browser.subscription).toBeNull()
})

const APPLE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'
const set = (name: 'userAgent' | 'maxTouchPoints', value: string | number) =>
  Object.defineProperty(navigator, name, { value, configurable: true })

it('knows what stands in the way on this phone', () => {
  expect(obstacleHere()).toBeUndefined()
  browser.permission = 'denied'
  expect(obstacleHere()).toBe('blocked')
  Reflect.deleteProperty(window, 'PushManager')
  expect(obstacleHere()).toBe('unsupported')
  set('userAgent', APPLE)
  expect(obstacleHere()).toBe('not-installed')
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  expect(obstacleHere()).toBe('unsupported')
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  set('userAgent', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15')
  set('maxTouchPoints', 5)
  expect(obstacleHere()).toBe('not-installed')
  set('maxTouchPoints', 0)
  expect(obstacleHere()).toBe('unsupported')
  vi.stubGlobal('isSecureContext', false)
  expect(obstacleHere()).toBe('insecure')
})

it('knows what stands in the way on the server', async () => {
  server.state = { paired: false, public_key: null, endpoint: null }
  expect(await readNotifications()).toBe('no-pairing')
  expect(await turnOn()).toBe('no-pairing')
  server.refusal = [401, unpaired]
  expect(await readNotifications()).toBe('not-paired')
  server.refusal = undefined
  server.reachable = false
  expect(await readNotifications()).toBe('unreachable')
})

it('the setting turns it on and off, and explains a failure', async () => {
  render(<NotificationSetting />)
  const setting = screen.getByRole('switch', { name: 'Notify me when a run ends or fails' })
  await waitFor(() => expect(setting.hasAttribute('data-disabled')).toBe(false))
  browser.failure = new DOMException('Registration failed', 'AbortError')
  fireEvent.click(setting)
  await waitFor(() => expect(toasts().at(-1)?.text).toMatch(/^The push service of this browser could not be reached/))
  browser.failure = undefined
  await waitFor(() => expect(setting.hasAttribute('data-disabled')).toBe(false))
  fireEvent.click(setting)
  await waitFor(() => expect(setting.getAttribute('aria-checked')).toBe('true'))
  fireEvent.click(setting)
  await waitFor(() => expect(setting.getAttribute('aria-checked')).toBe('false'))
  expect(server.state.endpoint).toBeNull()
})

it('the sentence of the server is shown where it refuses', async () => {
  render(<NotificationSetting />)
  const setting = screen.getByRole('switch')
  await waitFor(() => expect(setting.hasAttribute('data-disabled')).toBe(false))
  const detail = 'This server notifies 100 devices at most: turn it off on another'
  server.refusal = [409, { type: 'urn:model-studio:too_many_subscriptions', title: 'Too many', status: 409, detail }]
  fireEvent.click(setting)
  await waitFor(() => expect(toasts().at(-1)?.text).toBe(detail))
  expect(setting.getAttribute('aria-checked')).toBe('false')
})

it('the setting says what to do where it is not possible', async () => {
  server.refusal = [401, unpaired]
  render(<NotificationSetting />)
  await screen.findByText(/^Only paired phones are notified\. Pair/)
  expect(screen.getByRole('link', { name: 'Pair' }).getAttribute('href')).toBe('#/pair')
  expect(screen.getByRole('switch').hasAttribute('data-disabled')).toBe(true)
  // a person comes back after the phone was paired
  server.refusal = undefined
  document.dispatchEvent(new Event('visibilitychange'))
  await waitFor(() => expect(screen.queryByRole('status')).toBeNull())
})

it('is asked once, after a long run was started', async () => {
  askAfterStart('d1', undefined)
  askAfterStart('d1', LONG_S - 1)
  expect(questionStore.getState().designId).toBeNull()
  askAfterStart('d1', LONG_S)
  expect(questionStore.getState().designId).toBe('d1')
  render(<NotificationQuestion />)
  await screen.findByText(/takes about 10 min/)
  expect(browser.asked).toBe(0)
  fireEvent.click(await screen.findByRole('button', { name: 'Not now' }))
  expect(questionStore.getState().designId).toBeNull()
  expect(browser.asked).toBe(0)
  askAfterStart('d1', 2 * LONG_S)
  expect(questionStore.getState().designId).toBeNull()
})

it('the question turns it on', async () => {
  askAfterStart('d1', LONG_S)
  render(<NotificationQuestion />)
  fireEvent.click(await screen.findByRole('button', { name: 'Notify me' }))
  await waitFor(() => expect(questionStore.getState().designId).toBeNull())
  expect(server.state.endpoint).toBe('https://phone.example/push/1')
  expect(toasts().at(-1)?.text).toMatch(/^This phone is notified/)
})

it('the question stays where the push service fails, and says what to do where it is blocked', async () => {
  askAfterStart('d1', LONG_S)
  render(<NotificationQuestion />)
  browser.failure = new DOMException('Registration failed', 'AbortError')
  fireEvent.click(await screen.findByRole('button', { name: 'Notify me' }))
  await waitFor(() => expect(toasts().at(-1)?.tone).toBe('bad'))
  expect(questionStore.getState().designId).toBe('d1')
  browser.answer = 'denied'
  fireEvent.click(screen.getByRole('button', { name: 'Notify me' }))
  await waitFor(() => expect(toasts().at(-1)?.text).toMatch(/^Notifications are blocked/))
  expect(questionStore.getState().designId).toBeNull()
})

it('the question is not asked where it is not possible, and then once it is', async () => {
  server.state = { paired: false, public_key: null, endpoint: null }
  askAfterStart('d1', LONG_S)
  const { container } = render(<NotificationQuestion />)
  await waitFor(() => expect(questionStore.getState().designId).toBeNull())
  expect(container.textContent).toBe('')
  askAfterStart('d1', LONG_S)
  expect(questionStore.getState().designId).toBe('d1')
})

it('after a start the subscription is renewed once, if it was turned on', async () => {
  liveState.setState({ connected: false })
  startRenewal()
  liveState.setState({ connected: true })
  await turnOn()
  server.calls = []
  liveState.setState({ connected: false })
  startRenewal()
  server.state = { ...server.state, endpoint: null }
  liveState.setState({ connected: true })
  await waitFor(() => expect(server.state.endpoint).toBe('https://phone.example/push/1'))
  liveState.setState({ connected: false })
  liveState.setState({ connected: true })
  expect(server.calls).toEqual(['GET /api/push', 'PUT /api/push'])
})
