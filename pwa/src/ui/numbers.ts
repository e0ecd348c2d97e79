/** Numbers and times as a person reads them, the same in every place of the app. */

import { numberWriter } from './locale'

/** 412677 → "412,677" */
export const exactly = numberWriter('en-US')

/** 412677 → "0.41 M", 950 → "950", 3482.6 → "3.5k" */
export function roughly(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)} G`
  if (size >= 1e5) return `${(value / 1e6).toFixed(2)} M`
  if (size >= 1e3) return `${(value / 1e3).toFixed(1)}k`
  return size >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(2)
}

/** 9_312_000 → "9.3 MB", 412_677 → "413 kB", in steps of a thousand as disks and GPUs are sold */
export function byteWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let step = 0
  let value = bytes
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000
    step++
  }
  const digits = step === 0 || value >= 99.5 ? 0 : value >= 9.95 || step === 1 ? (value >= 99.5 ? 0 : 1) : 2
  return `${exactly(Number(value.toFixed(digits)))} ${units[step]}`
}

/** 0.4231 → "42 %" */
export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** 0.996 → "99 %": never more than was done */
export const percentDone = (share: number): string => percent(Math.floor(100 * share + 1e-9) / 100)

/** 200 → "3 min", 45 → "45 s", 5400 → "1 h 30 min" */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…'
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** One block, two blocks. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${exactly(count)} ${count === 1 ? one : many}`
