import { expect, it } from 'vitest'
import { fileNameIn } from './api'

it.each([
  ['attachment; filename="tiny-mlp-r1.onnx"', 'tiny-mlp-r1.onnx'],
  [`attachment; filename="2048-r1.onnx"; filename*=UTF-8''%E8%A8%AD%E8%A8%88-2048-r1.onnx`, '設計-2048-r1.onnx'],
  ['attachment; filename="100%-r1.onnx"', '100%-r1.onnx'],
  ['inline', undefined],
])('a file is saved under the name of the design in its own letters: %s', (header, name) => {
  expect(fileNameIn(header)).toBe(name)
})
