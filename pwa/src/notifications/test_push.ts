/** For tests: a browser with push, and a server that notifies it. */

import { vi } from 'vitest'
import type { PushState } from '../generated/wire'

export const PUBLIC_KEY = `B${'A'.repeat(86)}`

const bytesOf = (key: string): ArrayBuffer =>
  Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0)).buffer

interface Subscription {
  endpoint: string
  options: { applicationServerKey: ArrayBuffer | null }
  toJSON(): { keys: Record<string, string> }
  unsubscribe(): Promise<boolean>
}

/** What `navigator.serviceWorker` and `Notification` are to the app. */
export class FakeBrowser {
  subscription: Subscription | null = null
  permission: NotificationPermission = 'default'
  /** what the person answers when asked */
  answer: NotificationPermission = 'granted'
  /** why the push service refuses */
  failure: Error | undefined
  asked = 0
  private made = 0

  readonly registration = {
    active: {},
    pushManager: {
      getSubscription: async () => this.subscription,
      subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
        if (this.failure) throw this.failure
        if (!this.subscription) this.subscribeFor(applicationServerKey.slice().buffer)
        return this.subscription
      },
    },
  }

  /** Let the browser have a subscription already. */
  subscribeFor(key: ArrayBuffer | string): void {
    this.made += 1
    this.subscription = {
      endpoint: `https://phone.example/push/${this.made}`,
      options: { applicationServerKey: typeof key === 'string' ? bytesOf(key) : key },
      toJSON: () => ({ keys: { p256dh: 'p', auth: 'a' } }),
      unsubscribe: async () => {
        this.subscription = null
        return true
      },
    }
  }

  /** Put it in the place of the real one. */
  install(): void {
    const { registration } = this
    const workers = { getRegistration: async () => registration, ready: Promise.resolve(registration) }
    vi.stubGlobal('PushManager', class {})
    vi.stubGlobal('isSecureContext', true)
    Object.defineProperty(navigator, 'serviceWorker', { value: workers, configurable: true })
    const ask = async () => {
      this.asked += 1
      this.permission = this.answer
      return this.answer
    }
    const notification = { requestPermission: ask }
    Object.defineProperty(notification, 'permission', { get: () => this.permission })
    vi.stubGlobal('Notification', notification)
  }
}

/** The server's side of `/api/push`. */
export class FakePushServer {
  state: PushState = { paired: true, public_key: PUBLIC_KEY, endpoint: null }
  calls: string[] = []
  /** status and body in the place of every answer */
  refusal: [number, object] | undefined
  reachable = true

  install(): void {
    vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
      const method = init.method ?? 'GET'
      this.calls.push(`${method} ${path}`)
      if (!this.reachable) throw new TypeError('Failed to fetch')
      if (this.refusal) return json(this.refusal[1], this.refusal[0])
      if (method === 'GET') return json(this.state)
      const endpoint = method === 'PUT' ? (JSON.parse(String(init.body)) as { endpoint: string }).endpoint : null
      this.state = { ...this.state, endpoint }
      return new Response(null, { status: 204 })
    })
  }
}

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
