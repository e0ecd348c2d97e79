/** How large the networks of runs are and how their designs differ, worked out by Python on the phone, one call after the other. */

import type { DesignDifference, Machine, ModelArchitecture, TrainConfig } from '../generated/wire'
import { difference, forecast, validate } from '../python/client'
import type { RunRecord } from './run_record'

export interface Size {
  parameters: number
  /** multiply-adds of one board */
  flops: number
  /** bytes to train with the settings of the run */
  memory: number | null
}

export interface Measured {
  sizes: Readonly<Record<string, Size>>
  /** by run id, from the design of the first run to that of this one */
  differences: Readonly<Record<string, DesignDifference>>
}

const TRIES = 5

/** Python answers only the newest call of a kind: one that another part of the app has replaced is made again. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call()
    } catch (error) {
      const wasReplaced = error instanceof DOMException && error.name === 'AbortError'
      if (!wasReplaced || tries === TRIES) throw error
    }
  }
}

const sizesKnown = new Map<string, Size>()

async function sizeOf({ run }: RunRecord, design: ModelArchitecture, machine: Machine): Promise<Size> {
  const known = sizesKnown.get(run.id)
  if (known) return known
  const json = JSON.stringify(design)
  const { parameters, flops, valid } = await persistently(() => validate(json))
  const config = run.config as TrainConfig
  const memory = valid ? (await persistently(() => forecast(json, config, machine))).training_bytes : null
  const size = { parameters, flops, memory }
  sizesKnown.set(run.id, size)
  return size
}

/** Measure each run and tell what is known so far after each; rejects where Python does not run. `left` ends it. */
export async function measure(
  records: readonly RunRecord[],
  machine: Machine,
  tell: (measured: Measured) => void,
  left: () => boolean,
): Promise<void> {
  let measured: Measured = { sizes: {}, differences: {} }
  const first = records[0]?.design
  for (const record of records) {
    const { design, run } = record
    if (!design) continue
    const size = await sizeOf(record, design, machine)
    if (left()) return
    measured = { ...measured, sizes: { ...measured.sizes, [run.id]: size } }
    if (first && first !== design && run.design_hash !== records[0]?.run.design_hash) {
      const found = await persistently(() => difference(JSON.stringify(first), JSON.stringify(design)))
      if (left()) return
      measured = { ...measured, differences: { ...measured.differences, [run.id]: found } }
    }
    tell(measured)
  }
}
