/** What a chart needs of a browser and jsdom lacks; every test of the file loads the chart anew. */

import { cleanup } from '@testing-library/react'
import { afterEach, beforeEach, vi } from 'vitest'

export function stubChartBrowser(): void {
  beforeEach(() => {
    vi.resetModules()
    vi.stubGlobal('matchMedia', () => new EventTarget())
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe() {}
        disconnect() {}
      },
    )
  })
  afterEach(() => {
    cleanup()
    vi.unstubAllGlobals()
    vi.doUnmock('uplot')
  })
}
