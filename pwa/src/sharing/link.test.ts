import { expect, it } from 'vitest'
import { templates } from '../document/templates'
import { sampleDesign } from '../document/test_designs'
import { canonical } from '../lib/canonical'
import { BadLink, dataIn, jsonInLink, linkOf, MAX_DATA, MAX_JSON_BYTES, MAX_QR_BYTES } from './link'

const design = sampleDesign()

async function deflated(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url')
}

it('the same design always has the same link, which gives exactly its canonical bytes', async () => {
  const link = await linkOf(design, 'https://studio.example')
  expect(link).toMatch(/^https:\/\/studio\.example\/#\/import\/[\w-]+$/)
  expect(await linkOf(JSON.parse(JSON.stringify(design)), 'https://studio.example')).toBe(link)
  expect(await jsonInLink(link)).toBe(canonical(design))
})

it('every template fits into a QR code', async () => {
  for (const template of templates)
    expect((await linkOf(template, 'https://studio.example')).length).toBeLessThan(MAX_QR_BYTES / 2)
})

it('finds a link of any origin in a message, also one that an app broke into lines', async () => {
  const link = await linkOf(design, 'http://192.168.0.7:8000')
  for (const text of [link, `Look: ${link}.`, `<${link}>`, `${link}\ncheers`, link.replace('http://192.168.0.7:8000', 'app://x')])
    expect(await jsonInLink(text)).toBe(canonical(design))
  const middle = Math.floor(link.length * 0.7)
  expect(await jsonInLink(`${link.slice(0, middle)}\r\n${link.slice(middle)}`)).toBe(canonical(design))
  expect(dataIn('https://studio.example/#/d/d1')).toBeUndefined()
})

it('says plainly what is wrong with a link', async () => {
  const link = await linkOf(design, 'https://studio.example')
  const at = link.indexOf('import/') + 7
  const changed = `${link.slice(0, at + 20)}${link[at + 20] === 'A' ? 'B' : 'A'}${link.slice(at + 21)}`
  for (const bad of [link.slice(0, -9), 'https://a/#/import/', 'https://a/#/import/A', 'https://a/#/import/____', changed]) {
    const read = jsonInLink(bad)
    // a changed letter may leave sound data of another text
    if (bad === changed)
      await read.then(
        (json) => expect(json).not.toBe(canonical(design)),
        (error) => expect(error).toBeInstanceOf(BadLink),
      )
    else await expect(read).rejects.toThrow(/damaged/)
  }
  await expect(jsonInLink('https://a/#/import/2.AbCd')).rejects.toThrow(/newer version of Model Studio/)
})

it('does not unpack what would fill the memory', async () => {
  const bomb = await deflated(' '.repeat(8 * MAX_JSON_BYTES))
  expect(bomb.length).toBeLessThan(MAX_DATA)
  await expect(jsonInLink(`https://a/#/import/${bomb}`)).rejects.toThrow(/more than a design can have/)
  await expect(jsonInLink(`https://a/#/import/${'A'.repeat(MAX_DATA + 1)}`)).rejects.toThrow(/more than a design can have/)
})
