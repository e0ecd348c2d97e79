import { expect, it } from 'vitest'
import { fixText, problemSentence, problemText } from './messages'
import { sampleDesign } from './test_designs'

it('makes the sentence of the code and the parameters, not of the message', () => {
  const params = { case: 'some', most: 1, received: '2' }
  expect(problemText({ code: 'too_many_inputs', params, message: 'nimmt zu viel' })).toBe('takes at most 1 input, got 2')
})

it('names the component in a whole sentence, and begins one without a component with a capital letter', () => {
  const empty = { code: 'empty', params: {}, message: '' }
  expect(problemSentence({ ...empty, component_id: 'c2' }, sampleDesign())).toBe('Embedding: is empty: open it and add a block')
  expect(problemSentence({ code: 'no_input', params: { block: 'board' }, message: '', component_id: null }, sampleDesign())).toBe(
    'The design needs at least one board',
  )
})

it.each([
  ['a code it does not know', { code: 'from_the_future', params: {} }],
  ['a case it does not know', { code: 'too_many_inputs', params: { case: 'odd' } }],
  ['a parameter that is missing', { code: 'recursion', params: {} }],
  ['a part it does not know', { code: 'recursion', params: { target: { part: 'odd' } } }],
  ['a list that is none', { code: 'cycle', params: { path: 'a' } }],
  ['a problem without parameters, as older servers sent', { code: 'cycle' }],
])('shows the message that was sent for %s', (_, problem) => {
  expect(problemText({ ...problem, message: 'as it was sent' })).toBe('as it was sent')
})

it('labels a fix by its code, or as it was sent', () => {
  const fix = { action: 'remove_edge', source: 'a', target: 'b', label: 'sent' } as const
  expect(fixText({ ...fix, label_code: 'remove_input', label_params: { source: 'Add' } })).toBe('Remove the edge from Add')
  expect(fixText({ ...fix, label_code: '', label_params: {} })).toBe('sent')
})
