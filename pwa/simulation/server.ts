/** What a run asks of the simulated server; `node.ts` and `page.ts` connect it to the real application. */
import type { ModelArchitecture } from '../src/generated/wire'

export interface Answer {
  status: number
  body: string
}

/** How the data of the server come back from an earlier copy. */
export type Restore = 'command' | 'folder'

/** A conflict as the server stores it, or as a response of an older server reports it. */
export interface Recorded {
  design: string
  path: string
  base: unknown
  mine: unknown
  theirs: unknown
  /** of the stored conflict; undefined for servers that store none */
  id?: string
  /** the devices concerned, by the names that they had */
  devices?: string[]
}

/** The server once everything has settled. */
export interface AtRest {
  designs: ModelArchitecture[]
  /** undefined where this server stores no conflicts */
  conflicts?: Recorded[]
  /** conflicts that a device concerned has not acknowledged: id of the conflict, id of the device */
  undelivered?: [string, string][]
  /** problems of the designs, and of merged designs, that only Python can find */
  violations: Violation[]
}

/** Something that must never happen. */
export interface Violation {
  kind: string
  [detail: string]: unknown
}

export interface Server {
  /** Deliver one sync call and return the response of the application. */
  sync(body: string): Promise<Answer>
  /** End the server without closing anything and start it again on what was on the disk. */
  crash(): Promise<void>
  /** Copy the data, for this way of putting them back; returns the number of the copy. */
  backUp(how: Restore): Promise<number>
  restore(copy: number, how: Restore): Promise<void>
  /** Store messages of a training run, which share the sequence of numbers with designs. */
  train(messages: number): Promise<void>
  atRest(): Promise<AtRest>
}
