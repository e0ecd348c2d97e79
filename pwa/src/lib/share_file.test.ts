import { afterEach, expect, it, vi } from 'vitest'
import { canShare, shareFile } from './share_file'

const file = new File(['x'], 'network.onnx')

afterEach(() => vi.unstubAllGlobals())

const withNavigator = (part: object) => vi.stubGlobal('navigator', part)

it('offers sharing only where the browser says that it can share this file', () => {
  withNavigator({})
  expect(canShare(file)).toBe(false)
  withNavigator({ share: vi.fn() })
  expect(canShare(file)).toBe(false)
  withNavigator({ share: vi.fn(), canShare: ({ files }: ShareData) => files?.[0] === file })
  expect(canShare(file)).toBe(true)
  withNavigator({
    share: vi.fn(),
    canShare: () => {
      throw new TypeError('no files')
    },
  })
  expect(canShare(file)).toBe(false)
})

it('tells a person who cancels from a browser that refuses and from a tap that is too long ago', async () => {
  const share = vi.fn(async (_: ShareData) => {})
  withNavigator({ share })
  expect(await shareFile(file, 'words')).toBe('shared')
  expect(share).toHaveBeenCalledWith({ files: [file], text: 'words' })
  share.mockRejectedValueOnce(new DOMException('closed', 'AbortError'))
  expect(await shareFile(file)).toBe('cancelled')
  share.mockRejectedValueOnce(new DOMException('this type', 'NotAllowedError'))
  expect(await shareFile(file)).toBe('refused')
  withNavigator({ share, userActivation: { isActive: false } })
  expect(await shareFile(file)).toBe('needs-tap')
  expect(share).toHaveBeenCalledTimes(3)
})
