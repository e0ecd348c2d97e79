/** Validation results for tests. */

import type { MemoryEstimate, Problem, ValidationResult } from '../generated/wire'

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

/** A problem that this version's catalogue does not know, so that its own message is shown. */
export const problemOf = (code: string, given: Partial<Problem> = {}): Problem => ({
  code,
  message: code.replaceAll('_', ' '),
  component_id: null,
  field: null,
  expected: null,
  received: null,
  fix: null,
  params: {},
  ...given,
})

export const resultWith = (given: Partial<ValidationResult>): ValidationResult => ({
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
  algorithms: [],
  ...given,
})
