import { expect, it } from 'vitest'
import { nameOf, shortStack } from './stack'

const ORIGIN = 'https://phone.local:8443'
const short = (stack: string, message?: string) => shortStack(stack, message, ORIGIN)

it.each([
  [
    'Chromium',
    `TypeError: x is undefined\n    at open (${ORIGIN}/assets/app-B1_x.js:10:200)\n    at async ${ORIGIN}/assets/sync-C3.js:4:1`,
  ],
  ['Firefox', `open@${ORIGIN}/assets/app-B1_x.js:10:200\nasync*run@${ORIGIN}/assets/sync-C3.js:4:1\n`],
  ['Safari', `open@${ORIGIN}/assets/app-B1_x.js:10:200\n${ORIGIN}/assets/sync-C3.js:4:1`],
])('keeps file, line and column of each frame: %s', (_, stack) => {
  expect(short(stack)).toBe('app-B1_x.js:10:200\nsync-C3.js:4:1')
})

it('leaves out messages, queries, and frames of other sites and extensions', () => {
  const message = `Design “My secret” at ${ORIGIN}/secret.js:1:1 failed`
  const stack = [
    `Error: ${message}`,
    'at inject (chrome-extension://abcdef/content.js:3:4)',
    'at https://elsewhere.example/x.js:1:1',
    `at go (${ORIGIN}/assets/app.js?v=secret:7:8)`,
    `at ${ORIGIN}/#/d/secret:1:1`,
    'at <anonymous>',
  ].join('\n')
  expect(short(stack, message)).toBe('app.js:7:8')
})

it('is bounded, by whole frames', () => {
  const frames = Array.from({ length: 500 }, (_, line) => `at ${ORIGIN}/assets/app-B1_x.js:${line}:1`).join('\n')
  const kept = short(frames)
  expect(kept.length).toBeLessThanOrEqual(2_000)
  expect(kept).toMatch(/^(app-B1_x\.js:\d+:1\n?)+$/)
})

it('names the kind of an error only by what can be no text of a person', () => {
  expect(nameOf(new RangeError('secret'))).toBe('RangeError')
  expect(nameOf(new DOMException('secret', 'AbortError'))).toBe('AbortError')
  expect(nameOf(Object.assign(new Error('x'), { name: 'My secret design' }))).toBe('Error')
  expect(nameOf('secret')).toBe('Thrown')
  expect(nameOf(null, 'Uncaught TypeError: secret')).toBe('TypeError')
  expect(nameOf(null, 'Uncaught My secret Error: x')).toBe('Thrown')
})
