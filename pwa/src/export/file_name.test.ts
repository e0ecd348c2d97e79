import { expect, it } from 'vitest'
import { fileName, fileStem } from './file_name'

it.each([
  ['Tiny MLP', 'tiny-mlp'],
  ['my_design (v2)', 'my-design-v2'],
  ['Größer', 'Größer'],
  ['設計 1', '設計-1'],
  ['///', 'design'],
])('a design named %s is a file named %s', (name, stem) => {
  expect(fileStem(name)).toBe(stem)
})

it('names run and checkpoint', () => {
  expect(fileName('Tiny MLP', 'r1', 'best', 512, 'onnx')).toBe('tiny-mlp-r1-best-512.onnx')
  expect(fileName('Tiny MLP', 'r1', '512', 512, 'onnx')).toBe('tiny-mlp-r1-512.onnx')
})
