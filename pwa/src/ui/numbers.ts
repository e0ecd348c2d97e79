/** Numbers and times as a person reads them, the same in every place of the app. */

import { percent } from '../lib/percent'
import { numberWriter } from './locale'

export { percent }

/** 412677 → "412,677" */
export const exactly = numberWriter('en-US')

/**
 * A count or a score in a sentence, a list or a headline: whole below a million, with three digits from there on.
 *
 * 412677 → "412,677", 3482.6 → "3,483", 1_204_224 → "1.20 M", 0.0421 → "0.042"
 */
export function roughly(value: number): string {
  const size = Math.abs(value)
  if (size >= 999_999.5) return large(value)
  return size >= 10 || Number.isInteger(value) ? exactly(Math.round(value)) : value.toPrecision(2)
}

/** A number at an axis, where there is little room: 20_000 → "20 k", 1_500_000 → "1.5 M", 0.25 → "0.25" */
export function atAxis(value: number): string {
  const size = Math.abs(value)
  const [unit, step] = size >= 1e9 ? ['G', 1e9] : size >= 1e6 ? ['M', 1e6] : size >= 1e4 ? ['k', 1e3] : ['', 1]
  const short = Number((value / step).toPrecision(4))
  const text = Math.abs(short) < 1 ? String(short) : exactly(short)
  return unit ? `${text} ${unit}` : text
}

function large(value: number): string {
  const size = Math.abs(value)
  const [unit, step] = size >= 999.5e6 ? ['G', 1e9] : ['M', 1e6]
  const scaled = value / step
  const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2
  return `${scaled.toFixed(digits)} ${unit}`
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
