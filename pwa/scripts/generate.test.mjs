import { expect, test } from 'vitest'
import { driftedFiles } from './generate.mjs'

test('what is generated is what the Python package says', { timeout: 60_000 }, async () => {
  expect(await driftedFiles()).toEqual([])
})
