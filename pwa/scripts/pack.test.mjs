import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPyodide } from 'pyodide'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPack, packingPython, python, sharedSources } from './pack.mjs'

const START_MS = 180_000
const root = join(import.meta.dirname, '..', '..')
let folder
let pack
let phone

/** Start Pyodide as the worker does: from the files of the pack and nothing else. */
async function startFrom(built) {
  const at = (url) => join(folder, url.replace('/rt/', ''))
  const py = await loadPyodide({
    indexURL: at(built.runtime),
    stdLibURL: at(built.stdlib),
    packageBaseUrl: at(built.runtime),
    lockFileContents: built.lock,
  })
  py.unpackArchive(new Uint8Array(readFileSync(at(built.packages))), 'zip', { extractDir: built.sitePackages })
  return py
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'python-pack-'))
  pack = await buildPack(folder, { compressed: false })
  phone = await startFrom(pack)
}, START_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every module of shared_py starts on the trimmed library', () => {
  const names = Object.keys(sharedSources()).filter((name) => name.endsWith('.py'))
  const modules = names.map((name) => name.replace(/(\/__init__)?\.py$/, '').replaceAll('/', '.'))
  phone.runPython(`import importlib\nfor name in ${JSON.stringify(modules)}: importlib.import_module(name)`)
})

test('every module that is imported anywhere, also late, is in the pack', { timeout: START_MS }, async () => {
  const py = await packingPython()
  const imported = py.globals.get('imported_names')
  const sources = Object.entries(sharedSources()).filter(([name]) => name.endsWith('.py'))
  const names = new Set(sources.flatMap(([, source]) => imported(py.toPy(source)).toJs()))
  const missing = phone.runPython(`
from importlib.util import find_spec
[name for name in ${JSON.stringify([...names])} if find_spec(name) is None]`)
  expect(missing.toJs()).toEqual([])
})

test('what the phone says of a template is what the server says, byte for byte', () => {
  const machine = JSON.stringify({ cores: 2, memory_bytes: 8e9, multiply_adds_per_second: 1.9e10, step_overhead_s: 2.3e-5 })
  const script = `
import json, sys, msgspec
from shared_py import pyodide_api, templates
machine = ${JSON.stringify(machine)}
said = []
for template in templates.load_templates():
    text = msgspec.json.encode(template).decode()
    recipes = [pyodide_api.recipes(text, algorithm, machine, "70000").decode() for algorithm in ("ppo", "afterstate_td")]
    said.append([text, pyodide_api.validate(text).decode(), pyodide_api.generate(text).decode(), recipes])
json.dump(said, sys.stdout)`
  const said = JSON.parse(execFileSync(python, ['-c', script], { cwd: root }))
  const calls = phone.pyimport('shared_py.pyodide_api')
  const text = (proxy) => new TextDecoder().decode(proxy.toJs())
  expect(said.length).toBeGreaterThan(0)
  for (const [design, verdict, source, [ppo, afterstate]] of said) {
    expect(text(calls.validate(design))).toBe(verdict)
    expect(text(calls.generate(design))).toBe(source)
    expect(text(calls.recipes(design, 'ppo', machine, '70000'))).toBe(ppo)
    expect(text(calls.recipes(design, 'afterstate_td', machine, '70000'))).toBe(afterstate)
  }
})

test('the phone plans the runs of a random search that the server starts', () => {
  const axes = [
    { kind: 'setting', name: 'learning_rate', low: 1e-5, high: 1e-1, scale: 'log' },
    { kind: 'setting', name: 'gamma', low: 0.9, high: 1 },
  ]
  const spec = JSON.stringify({ axes, search: 'random', trials: 32, seed: 7, halving: true })
  const script = `
import json, sys, msgspec
from shared_py import pyodide_api, templates
design = msgspec.json.encode(templates.load_templates()[0]).decode()
json.dump([design, pyodide_api.plan_sweep(design, ${JSON.stringify(spec)}, "null").decode()], sys.stdout)`
  const [design, plan] = JSON.parse(execFileSync(python, ['-c', script], { cwd: root }))
  const proxy = phone.pyimport('shared_py.pyodide_api').plan_sweep(design, spec, 'null')
  expect(JSON.parse(plan).trials.length).toBe(32)
  expect(new TextDecoder().decode(proxy.toJs())).toBe(plan)
})

test('differences are described with the same words', () => {
  const script = `
import json, sys, msgspec
from shared_py import pyodide_api, templates
before, after = [msgspec.json.encode(template).decode() for template in templates.load_templates()[:2]]
json.dump([before, after, pyodide_api.difference(before, after).decode()], sys.stdout)`
  const [before, after, difference] = JSON.parse(execFileSync(python, ['-c', script], { cwd: root }))
  const calls = phone.pyimport('shared_py.pyodide_api')
  const text = (proxy) => new TextDecoder().decode(proxy.toJs())
  expect(text(calls.difference(before, after))).toBe(difference)
})

test('a game is the same here and there, move by move, and its record leads to the same board', () => {
  const script = `
import json, sys
from random import Random
from shared_py import pyodide_api, seeded_game
played = []
for seed in range(12):
    random, state, calls, letters = Random(seed), pyodide_api.new_games(f"[{seed * 178_956_970}]").decode(), [], ""
    start = state
    while any((legal := json.loads(state)[0]["legal"])):
        action = random.choice([action for action in range(4) if legal[action]])
        moves = pyodide_api.play_moves(state, f"[{action}]", "true").decode()
        calls.append([state, f"[{action}]", moves])
        state = f"[{json.dumps(json.loads(moves)[0]['state'])}]"
        letters += seeded_game.LETTERS[action]
    last = json.loads(state)[0]
    record = json.dumps({"seed": last["seed"], "actions": letters, "score": last["score"]})
    played.append({"seed": last["seed"], "start": start, "calls": calls, "record": record, "last": pyodide_api.replay_game(record).decode()})
json.dump(played, sys.stdout)`
  const played = JSON.parse(execFileSync(python, ['-c', script], { cwd: root, maxBuffer: 64 * 1024 * 1024 }))
  const rules = phone.pyimport('shared_py.pyodide_api')
  const text = (proxy) => new TextDecoder().decode(proxy.toJs())
  expect(played.length).toBe(12)
  for (const { seed, start, calls, record, last } of played) {
    expect(text(rules.new_games(`[${seed}]`))).toBe(start)
    for (const [state, action, moves] of calls) expect(text(rules.play_moves(state, action, 'true'))).toBe(moves)
    expect(text(rules.replay_game(record))).toBe(last)
    const [{ state }] = JSON.parse(calls.at(-1)[2])
    expect(JSON.parse(last)).toEqual(state)
  }
})

test('an error ends with its message, though the bytecode has no line numbers', () => {
  const calls = phone.pyimport('shared_py.pyodide_api')
  expect(() => calls.generate('{"id": "d1", "components": [{"id": "c1", "type": "nothing"}]}')).toThrow(
    /shared_py\.decoding\.DesignError: .*there is no block 'nothing'\n$/,
  )
})

test('building again gives the same names, and shared_py has a folder of its own', { timeout: START_MS }, async () => {
  expect(await buildPack(folder, { compressed: false })).toEqual(pack)
  expect(pack.packages.startsWith(pack.runtime)).toBe(false)
})
