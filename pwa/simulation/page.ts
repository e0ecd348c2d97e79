/** Runs the simulation in a browser, with its own IndexedDB; the page has a function `askServer` that reaches the server. */
import { linksOf } from './links'
import { startWith } from './phone_start'
import { remoteServer } from './remote_server'
import { Run } from './run'
import { installFaults } from './storage'
import type { Result, Task } from './task'

declare global {
  interface Window {
    askServer: (head: object, body: string) => Promise<[Record<string, unknown>, string]>
  }
}

let factories = 0

/** The browser's IndexedDB under a prefix: a phone's own databases. */
function prefixed(): IDBFactory {
  factories += 1
  const prefix = `phone ${factories} `
  return {
    cmp: (a, b) => indexedDB.cmp(a, b),
    open: (name, version) => indexedDB.open(prefix + name, version),
    deleteDatabase: (name) => indexedDB.deleteDatabase(prefix + name),
    databases: async () => {
      const all = await indexedDB.databases()
      const own = all.filter(({ name }) => name?.startsWith(prefix))
      return own.map(({ name, version }) => ({ name: name?.slice(prefix.length), version }))
    },
  }
}

const server = remoteServer(async (head, body = '') => {
  const [answer, text] = await window.askServer(head, body)
  return { head: answer, body: text }
})

let installed = false

/** Run one task with the script of a phone. */
export function runTask(task: Task, script: string): Promise<Result> {
  if (!installed) installFaults()
  installed = true
  // biome-ignore lint/security/noGlobalEval: the script is our own, and is evaluated anew for each start of a phone
  const start = startWith((source) => globalThis.eval(source), script)
  // an aborted transaction also rejects its `done`, which nobody waits for once a write has failed
  window.addEventListener('unhandledrejection', (event) => event.preventDefault())
  return new Run(task, { server, start, makeFactory: prefixed, links: linksOf }).run()
}
