// Starts Python as the app's worker does, from the pack or from what npm publishes, and times calls.
import { loadPyodide } from '/npm/pyodide.mjs'

const began = performance.now()

async function start({ indexURL, stdLibURL, packages, lock, sitePackages }) {
  const fetched = fetch(packages).then((answer) => answer.arrayBuffer())
  const at = (path) => new URL(path, location.origin).href
  const py = await loadPyodide({
    indexURL: at(indexURL),
    stdLibURL: at(stdLibURL),
    packageBaseUrl: at(indexURL),
    lockFileContents: lock,
    stdout: () => {},
  })
  py.unpackArchive(await fetched, 'zip', { extractDir: sitePackages })
  const { validate, generate } = py.pyimport('shared_py.pyodide_api')
  return { validate, generate }
}

function bytesOf(call, text) {
  const proxy = call(text)
  const bytes = proxy.toJs()
  proxy.destroy()
  return bytes
}

const variant = await (await fetch(`${location.hash.slice(1)}.json`)).json()
const calls = await start(variant)

function timed(name, text) {
  const before = performance.now()
  const bytes = bytesOf(calls[name], text)
  const after = performance.now()
  return { ms: after - before, output: new TextDecoder().decode(bytes), sinceStartMs: after - began }
}

addEventListener('message', ({ data: { name, texts } }) => postMessage(texts.map((text) => timed(name, text))))
postMessage('ready')
