/** A verdict for tests: nothing to say but what the test gives. */

import type { MemoryEstimate, ValidationResult } from '../generated/wire'

export const noMemory: MemoryEstimate = {
  weights: 0,
  gradients: 0,
  optimizer: 0,
  activations: 0,
  activations_without_checkpoints: 0,
  rollout: 0,
  workspace: 0,
  training: 0,
  running: 0,
}

export const verdictWith = (given: Partial<ValidationResult>): ValidationResult => ({
  valid: (given.problems ?? []).length === 0,
  paramCount: 0,
  estimatedMemory: 0,
  errors: [],
  problems: [],
  parameters: 0,
  active_parameters: 0,
  flops: 0,
  blocks: {},
  warnings: [],
  memory: noMemory,
  ...given,
})
