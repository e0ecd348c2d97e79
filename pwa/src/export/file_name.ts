/** Names of files that the phone writes, by the rule of `backend/file_names.py`. */

const MAX_LENGTH = 80

/** A design's name as part of a file name: letters and digits of any script, in lower case where it is all ASCII. */
export function fileStem(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
  const plain = /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase().replaceAll('_', '-') : name.normalize('NFC')
  const kept = plain.replace(/[^\p{L}\p{M}\p{N}_]+/gu, '-')
  return (
    [...kept]
      .slice(0, MAX_LENGTH)
      .join('')
      .replace(/^-+|-+$/g, '') || 'design'
  )
}

/** "tiny-mlp-r1-best-61440.onnx" */
export function fileName(design: string, run: string, checkpoint: string, steps: number, suffix: string): string {
  const which = checkpoint === String(steps) ? checkpoint : `${checkpoint}-${steps}`
  return `${fileStem(design)}-${run}-${which}.${suffix}`
}
