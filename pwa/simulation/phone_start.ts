/** Starts the code of a phone: evaluated anew each time, so that no module state survives, with its own storage, clock and network. */
import type * as PhoneModules from './phone_app'
import type { Random } from './random'

export type PhoneApp = typeof PhoneModules

/** What a phone has of the world around it. */
export interface Surroundings {
  indexedDB: IDBFactory
  /** `json` is what the body was written from */
  fetch: (path: string, init: RequestInit, json: unknown) => Promise<Response>
  random: Random
  /** the time on the phone's clock, in ms */
  now: () => number
}

/** Makes a started phone of its surroundings. */
export type Start = (surroundings: Surroundings) => PhoneApp

const NAMES = [
  'indexedDB',
  'fetch',
  'JSON',
  'crypto',
  'Date',
  'AbortSignal',
  'navigator',
  'BroadcastChannel',
  'localStorage',
] as const

/** JavaScript source of a function: its parameters are the globals to replace, its result the exports of the phone's script. */
export const startSource = (script: string): string => `(function (${NAMES.join(', ')}) {\n${script}\nreturn phone_app;\n})`

export function startWith(evaluate: (source: string) => unknown, script: string): Start {
  const make = evaluate(startSource(script)) as (...globals: unknown[]) => PhoneApp
  return ({ indexedDB, fetch, random, now }) => {
    class PhoneDate extends Date {
      constructor(...args: [] | [number | string]) {
        super(args.length === 0 ? now() : args[0])
      }
      static override now(): number {
        return now()
      }
    }
    const crypto = { getRandomValues: (bytes: Uint8Array) => random.fill(bytes) }
    // no call waits for a real clock, so that a run depends on its seed alone
    const signals = { timeout: () => new AbortController().signal, any: undefined }
    let written: unknown
    const json: JSON = Object.assign(Object.create(JSON), {
      stringify: (...args: Parameters<JSON['stringify']>) => {
        written = args[0]
        return JSON.stringify(...args)
      },
    })
    const call = (path: string, init: RequestInit) => fetch(path, init, written)
    return make(indexedDB, call, json, crypto, PhoneDate, signals, {}, undefined, undefined)
  }
}
