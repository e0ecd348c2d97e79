/** What the Play pack is made of: the ONNX runtime, and the built files that only Play needs. */
import type { PackFile } from '../python/pack'

interface RuntimeFile extends PackFile {
  /** bytes that are downloaded, compressed as the server sends them */
  sent: number
}

export interface Runtime {
  /** version of onnxruntime-web, which is in the paths of its files */
  version: string
  files: RuntimeFile[]
}

/** The ONNX runtime as the build placed it; undefined where it did not. */
export const runtime: Runtime | undefined = typeof __PLAY_PACK__ === 'undefined' ? undefined : __PLAY_PACK__

/** The bytes that filling the Play pack downloads, without the app's own files, which are small beside the runtime. */
export const playDownloadBytes = (runtime?.files ?? []).reduce((sum, { sent }) => sum + sent, 0)

interface ManifestEntry {
  url: string
  /** size in bytes, of the files that only Play needs */
  play?: number
}

/** The files that only Play needs among those of the service worker's list. */
export function playFilesOf(manifest: readonly ManifestEntry[]): PackFile[] {
  return manifest.flatMap(({ url, play }) => (play === undefined ? [] : [{ url: `/${url.replace(/^\//, '')}`, bytes: play }]))
}
