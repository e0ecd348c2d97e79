/** Fills one pack at a time in the service worker, and reports how far it is. */
import type { PackFile } from '../python/pack'
import type { PackProgress } from './messages'
import { dropOtherPacks, fillPack, missingFiles, renewPack } from './pack_cache'

interface Options {
  files: readonly PackFile[]
  /** name of the cache */
  cache: string
  report: (progress: PackProgress) => Promise<void>
  /** whether no other build may need the files of its own pack any more */
  isAlone: () => boolean
}

export class PackFiller {
  private filling: Promise<PackProgress> | undefined
  private readonly options: Options

  constructor(options: Options) {
    this.options = options
  }

  /** Fetch what is missing, and report it; a second call joins the first. Never rejects: resolves with the last report. */
  fill(): Promise<PackProgress> {
    this.filling ??= this.fetchMissing().finally(() => {
      this.filling = undefined
    })
    return this.filling
  }

  /** Fetch every file again, after what is being fetched; reports and resolves as `fill`. */
  async renew(): Promise<PackProgress> {
    await this.filling
    this.filling ??= this.fetchMissing(renewPack).finally(() => {
      this.filling = undefined
    })
    return this.filling
  }

  /** Whether files are being fetched. */
  get isFilling(): boolean {
    return this.filling !== undefined
  }

  /** Of how many files of the pack the phone has how many; and whether it has any file of a pack, also an older one. */
  async look(): Promise<{ missing: number; any: boolean }> {
    const cache = await caches.open(this.options.cache)
    const missing = await missingFiles(this.options, cache)
    return { missing: missing.length, any: (await cache.keys()).length > 0 }
  }

  /** Remove the files of other packs, where this one is whole and no other build needs them. */
  async dropOthers(): Promise<void> {
    if (!this.options.isAlone()) return
    const cache = await caches.open(this.options.cache)
    if ((await missingFiles(this.options, cache)).length === 0) await dropOtherPacks(this.options, cache)
  }

  /** Remove all files of the pack, once nothing is fetched any more. */
  async remove(): Promise<void> {
    await this.filling
    await caches.delete(this.options.cache)
  }

  private async fetchMissing(bring = fillPack): Promise<PackProgress> {
    let shown = -1
    const onProgress = (done: number, total: number): void => {
      const percent = Math.floor((100 * done) / total)
      if (percent === shown) return
      shown = percent
      void this.options.report({ state: 'filling', progress: done / total })
    }
    let last: PackProgress
    try {
      await bring(this.options, await caches.open(this.options.cache), onProgress)
      await this.dropOthers()
      last = { state: 'ready', progress: 1 }
    } catch (error) {
      last = { state: 'failed', progress: Math.max(shown, 0) / 100, detail: String(error), reason: reasonOf(error) }
    }
    await this.options.report(last)
    return last
  }
}

const reasonOf = (error: unknown): PackProgress['reason'] =>
  error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'interrupted'
