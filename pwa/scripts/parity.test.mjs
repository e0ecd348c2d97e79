// What the phone says and allows by itself is what Python says: sentences, rules for edges, the design after an insertion.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { blockKinds } from '../src/document/catalogue'
import { edgeRefusal } from '../src/document/edge_rules'
import { insertPlaced, unwired } from '../src/document/insert'
import { fixText, problemSentence, problemText } from '../src/document/messages'
import messages from '../src/generated/messages.json'
import { python } from './pack.mjs'

const root = join(import.meta.dirname, '..', '..')
const LONG_MS = 120_000

/** What a Python script prints as JSON, with `input` as JSON on its standard input. */
function ask(script, input = null) {
  const output = execFileSync(python, ['-c', script], {
    cwd: root,
    env: { ...process.env, PYTHONPATH: [root, join(root, 'tests')].join(':') },
    input: JSON.stringify(input),
    maxBuffer: 256 * 1024 * 1024,
  })
  return JSON.parse(output)
}

let designs

beforeAll(() => {
  designs = ask(`
import json, sys, msgspec
from support.mutated_designs import mutated
from shared_py.edge_rules import edge_refusal
from shared_py.templates import load_templates
from shared_py.validation import sentences, validate_design
found = []
for design in [*load_templates(), *(mutated(seed, 6) for seed in range(400))]:
    names = [component.id for component in design.components] + ["nowhere"]
    if len(set(names)) < len(names):
        continue  # no editor makes an id twice
    refused = {f"{a} {b}": problem.code for a in names for b in names if (problem := edge_refusal(design, a, b))}
    verdict = validate_design(design)
    spoken = [*verdict.problems, *verdict.warnings]
    found.append({"design": design, "refused": refused, "problems": spoken, "sentences": sentences(design, spoken)})
sys.stdout.buffer.write(msgspec.json.encode(found))`)
}, LONG_MS)

test('sentences of problems and labels of fixes', () => {
  const codes = new Set()
  for (const { design, problems, sentences } of designs) {
    problems.forEach((problem, index) => {
      codes.add(`${problem.code} ${problem.params.case}`)
      const mute = { ...problem, message: '' }
      expect(problemText(mute)).toBe(problem.message)
      expect(problemSentence(mute, design)).toBe(sentences[index])
      if (problem.fix) expect(fixText({ ...problem.fix, label: '' })).toBe(problem.fix.label)
    })
  }
  expect(codes.size).toBeGreaterThan(24)
})

test('every entry of the catalogue, filled with parameters of every kind', () => {
  const cases = ask(`
import itertools, json, re, sys
from shared_py.message_catalogue import EDGE_RULES, FIXES, PARTS, PROBLEMS
from shared_py.messages import fill
numbers = [0, 1, 2, 12345678, 0.5, 1e-5, 2.5e-7, 3.0, "1", "text", {"part": "no_grid", "params": {}}, ["a", {"part": "text", "params": {}}, 3], 1e15]
lists = [[], ["B"], ["B", 16, "d"], ["a", "b", "c", "d"], [{"part": "listed", "params": {"position": 2}}]]
values = [None, True, False, [1, 2], [], "x", 0.25, 8]
entries = [(code, case, template) for code, entry in PROBLEMS.items()
           for case, template in (entry.items() if isinstance(entry, dict) else [(None, entry)])]
entries += [(code, None, template) for table in (EDGE_RULES,) for code, template in table.items()]
found = []
for code, case, template in entries:
    places = dict(re.findall(r"\\{(\\w+)(?::([^}]*))?\\}", template))
    for index in range(13):
        params = {}
        for name, kind in places.items():
            pool = lists if kind in ("path", "few", "shape") else values if kind == "value" else numbers
            params[name] = pool[index % len(pool)] if kind != "grouped" else [0, 12, 1234, 1234567890][index % 4]
        found.append([code, params | ({"case": case} if case else {}), fill(template, params)])
json.dump(found, sys.stdout)`)
  expect(cases.length).toBeGreaterThan(500)
  for (const [code, params, message] of cases) expect(problemText({ code, params, message: '?' })).toBe(message)
})

test('which edges may be drawn, and the rule that forbids the others', () => {
  const rules = new Set()
  let allowed = 0
  for (const { design, refused } of designs) {
    const names = [...design.components.map(({ id }) => id), 'nowhere']
    for (const source of names) {
      for (const target of names) {
        const code = edgeRefusal(design, source, target)?.code
        expect(code, `${design.name}: ${source} to ${target}`).toBe(refused[`${source} ${target}`])
        if (code) rules.add(code)
        else allowed += 1
      }
    }
  }
  expect([...rules].sort()).toEqual(Object.keys(messages.edge_rules).sort())
  expect(allowed).toBeGreaterThan(500)
})

test('the validation that comes with a place is that of the design the phone makes of it', { timeout: LONG_MS }, () => {
  const block = (type) => ({ id: 'cnew', type, props: {}, inside: null })
  const asked = designs
    .slice(0, 8)
    .flatMap(({ design }, index) =>
      blockKinds
        .filter((_, at) => at % 4 === index % 4)
        .map(({ type }) => ({ design, type, bare: JSON.stringify(unwired(design, block(type)).design) })),
    )
  const placements = ask(
    `
import json, sys
from shared_py import pyodide_api
json.dump([json.loads(pyodide_api.find_place(bare, "cnew", "", "")) for bare in json.load(sys.stdin)], sys.stdout)`,
    asked.map(({ bare }) => bare),
  )
  const made = asked.map(({ design, type }, index) => insertPlaced(design, block(type), placements[index]).design)
  const validations = ask(
    `
import json, sys
from shared_py import pyodide_api
json.dump([json.loads(pyodide_api.validate(json.dumps(design))) for design in json.load(sys.stdin)], sys.stdout)`,
    made,
  )
  expect(placements.filter(({ join }) => join.length > 0).length).toBeGreaterThan(asked.length / 2)
  expect(placements.map(({ validation }) => validation)).toEqual(validations)
})
