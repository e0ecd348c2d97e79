import { expect, test } from 'vitest'
import { coalesced } from './coalesced'

function controlled() {
  const runs: { end: () => void; fail: (error: Error) => void }[] = []
  const ask = coalesced(() => new Promise((end, fail) => runs.push({ end, fail })))
  return { runs, ask }
}

test('what is asked for during a run is done once, after it', async () => {
  const { runs, ask } = controlled()
  const first = ask()
  const others = [ask(), ask(), ask()]
  expect(runs).toHaveLength(1)
  runs[0]?.end()
  await first
  await Promise.resolve()
  expect(runs).toHaveLength(2)
  const later = ask()
  runs[1]?.end()
  await Promise.all(others)
  await Promise.resolve()
  expect(runs).toHaveLength(3)
  runs[2]?.end()
  await later
  void ask()
  expect(runs).toHaveLength(4)
})

test('a run that fails does not stop the next one', async () => {
  const { runs, ask } = controlled()
  const first = ask()
  const second = ask()
  runs[0]?.fail(new Error('no'))
  await expect(first).rejects.toThrow('no')
  await Promise.resolve()
  runs[1]?.end()
  await second
})
