/** What the Python pack is made of: where its files lie and how large they are; it fetches nothing. */

export interface PackFile {
  /** absolute path with a content hash in it */
  url: string
  bytes: number
  /** its size as it is sent, compressed; missing where that is not known */
  sent?: number
}

export interface Pack {
  /** folder of the Pyodide runtime, with its closing slash */
  runtime: string
  stdlib: string
  packages: string
  /** Pyodide's lock file, naming no package */
  lock: string
  sitePackages: string
  files: PackFile[]
}

export const pack: Pack | undefined = typeof __PACK__ === 'undefined' ? undefined : __PACK__
