import { expect, it } from 'vitest'
import { ApiProblem } from '../api/problem'
import { sentenceFor } from './error_sentence'

const noAnswer = new ApiProblem({ status: 0, title: 'Gone', detail: 'The server cannot be reached.' })
const refusal = new ApiProblem({ status: 409, title: 'Conflict', detail: 'Stop it first.' }, { fromServer: true })

it('lets a refusal of the server speak for itself, by its title where it has no detail', () => {
  expect(sentenceFor(refusal, { unreachable: 'Try later.' })).toBe('Stop it first.')
  expect(sentenceFor(new ApiProblem({ status: 404, title: 'Not Found', detail: '' }))).toBe('Not Found')
})

it('says what an unreachable server means for what was asked', () => {
  expect(sentenceFor(noAnswer, { unreachable: 'Try later.' })).toBe('Try later.')
  expect(sentenceFor(noAnswer)).toBe('The server cannot be reached.')
})

it('tells an unreachable server, or a proxy without one, from a server that answers', () => {
  const gateway = { status: 502, title: 'Bad Gateway', detail: '' }
  const unreachable = [noAnswer, new ApiProblem(gateway), refusal, new ApiProblem(gateway, { fromServer: true })]
  expect(unreachable.map((problem) => problem.unreachable)).toEqual([true, true, false, false])
})

it('explains a full phone, and hides what only an engineer understands', () => {
  expect(sentenceFor(new DOMException('quota', 'QuotaExceededError'))).toMatch(/^This phone is full/)
  expect(sentenceFor(new TypeError('x is undefined'))).toBe('Something went wrong. Try again.')
  expect(sentenceFor('odd', { unforeseen: 'The file could not be made.' })).toBe('The file could not be made.')
})
