import { expect, it } from 'vitest'
import { codeIn } from './code'

it.each([
  ['7K3M-9QXD-2HVB', '7K3M-9QXD-2HVB'],
  ['  7k3m 9qxd 2hvb ', '7K3M-9QXD-2HVB'],
  ['7k3m9qxd2hvb', '7K3M-9QXD-2HVB'],
  ['OIL0-1234-5678', '0110-1234-5678'],
  ['http://studio.local:8444/#7K3M-9QXD-2HVB', '7K3M-9QXD-2HVB'],
  ['https://studio.local:8443/#/pair/7K3M-9QXD-2HVB', '7K3M-9QXD-2HVB'],
])('reads %s', (text, code) => {
  expect(codeIn(text)).toBe(code)
})

it.each(['', '7K3M-9QXD', '7K3M-9QXD-2HVB-1', 'https://example.org/'])('finds no code in "%s"', (text) => {
  expect(codeIn(text)).toBeUndefined()
})
