import { expect, it } from 'vitest'
import { isNarrow } from './text_room'

it('is narrow on every phone at twice the size of text, and on none at the usual size', () => {
  expect([320, 360, 412].map((width) => isNarrow(width, 32))).toEqual([true, true, true])
  expect([320, 360, 412, 915].map((width) => isNarrow(width, 16))).toEqual([false, false, false, false])
  expect(isNarrow(915, 32)).toBe(false)
})

it('is not narrow before the size of the text is known', () => {
  expect(isNarrow(360, 0)).toBe(false)
})
