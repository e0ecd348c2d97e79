// Generated from shared_py by `npm run generate`; edit the Python, not this.

export type Fix = SetProperty | SetDefault | RemoveEdge | RemoveComponent | ReplaceBlock | AddComponent | AddEdge | MoveComponent
export type RunStatus = 'failed' | 'finished' | 'interrupted' | 'paused' | 'queued' | 'running' | 'stopped'
export type LiveMessage =
  | TrainingUpdate
  | RunStatusChanged
  | EvaluationProgress
  | Evaluation
  | CheckpointCreated
  | DesignChanged
  | RunLabelled
  | RunDeleted
  | CommandFinished
  | SweepChanged
export type TelemetryEvent = CompileSuccess | TrainStarted | NetworkExported | OfflineSeconds | ClientError

/**
 * Every wire type, by name.
 */
export interface Wire {
  ModelArchitecture: ModelArchitecture
  Defaults: Defaults
  Component: Component
  SetProperty: SetProperty
  SetDefault: SetDefault
  RemoveEdge: RemoveEdge
  RemoveComponent: RemoveComponent
  ReplaceBlock: ReplaceBlock
  AddComponent: AddComponent
  AddEdge: AddEdge
  MoveComponent: MoveComponent
  Join: Join
  ValidationResult: ValidationResult
  Problem: Problem
  BlockEstimate: BlockEstimate
  MemoryEstimate: MemoryEstimate
  GeneratedSource: GeneratedSource
  LineSpan: LineSpan
  CompileResult: CompileResult
  Check: Check
  ConnectionCheck: ConnectionCheck
  Placement: Placement
  Machine: Machine
  Leaderboard: Leaderboard
  LeaderboardEntry: LeaderboardEntry
  Forecast: Forecast
  RecipeOffer: RecipeOffer
  TrainConfig: TrainConfig
  SweepSpec: SweepSpec
  SweepAxis: SweepAxis
  SweepRequest: SweepRequest
  SweepPlan: SweepPlan
  PlannedTrial: PlannedTrial
  Sweep: Sweep
  SweepTrial: SweepTrial
  DesignDifference: DesignDifference
  NamedComponent: NamedComponent
  ComponentChange: ComponentChange
  ValueChange: ValueChange
  DesignMeta: DesignMeta
  Revision: Revision
  RevisionName: RevisionName
  DeletedDesign: DeletedDesign
  NewDesign: NewDesign
  SyncRequest: SyncRequest
  PushedDesign: PushedDesign
  PushedCommand: PushedCommand
  Resolution: Resolution
  StoredConflict: StoredConflict
  SyncResponse: SyncResponse
  SyncedDesign: SyncedDesign
  Conflict: Conflict
  SyncedCommand: SyncedCommand
  ProblemDetails: ProblemDetails
  Rejection: Rejection
  Run: Run
  RunAccepted: RunAccepted
  RunLabels: RunLabels
  ExportFormat: ExportFormat
  ExportList: ExportList
  ExportableRun: ExportableRun
  ExportEvaluation: ExportEvaluation
  PlayedGames: PlayedGames
  ExportableCheckpoint: ExportableCheckpoint
  ExportFile: ExportFile
  ValueUnit: ValueUnit
  TrainingUpdate: TrainingUpdate
  MixtureUsage: MixtureUsage
  MoveChoice: MoveChoice
  RunStatusChanged: RunStatusChanged
  EvaluationProgress: EvaluationProgress
  Evaluation: Evaluation
  ExpertPhases: ExpertPhases
  CheckpointCreated: CheckpointCreated
  DesignChanged: DesignChanged
  RunLabelled: RunLabelled
  RunDeleted: RunDeleted
  CommandFinished: CommandFinished
  SweepChanged: SweepChanged
  PairingState: PairingState
  Device: Device
  AuditEntry: AuditEntry
  PushState: PushState
  SubscriptionRequest: SubscriptionRequest
  PushKeys: PushKeys
  RunEnded: RunEnded
  TelemetryBatch: TelemetryBatch
  CompileSuccess: CompileSuccess
  TrainStarted: TrainStarted
  NetworkExported: NetworkExported
  OfflineSeconds: OfflineSeconds
  ClientError: ClientError
  TelemetryReceipt: TelemetryReceipt
  RecordedEvent: RecordedEvent
  GameState: GameState
  PlayedMove: PlayedMove
  Motion: Motion
  GameRecord: GameRecord
  Catalogue: Catalogue
  BlockKind: BlockKind
  Property: Property
  Metric: Metric
  Gallery: Gallery
  GalleryTemplate: GalleryTemplate
  MeasuredScore: MeasuredScore
  MeasuredMachine: MeasuredMachine
  Fix: Fix
  RunStatus: RunStatus
  LiveMessage: LiveMessage
  TelemetryEvent: TelemetryEvent
}
/**
 * A design: components and the edges between them, in the oldest version of the schema that can express it.
 */
export interface ModelArchitecture {
  id: string
  name: string
  schema_version: number
  meta: Defaults
  components: Component[]
  edges: [string, string][]
}
/**
 * Design-wide values that a component takes for a property it leaves out.
 */
export interface Defaults {
  d_model: number
  n_heads: number
  n_experts: number
}
/**
 * One placed block: its id, the name of its block, the properties that differ from the defaults, its place in px. `inside` names its container; null is the top level. Edges connect components of the same container. A component without a `name` is called by the title of its block; the field is then left out, so that the document is as in version 2.
 */
export interface Component {
  id: string
  type: string
  props: {
    [k: string]: unknown
  }
  x: number
  y: number
  inside: string | null
  name?: string
}
/**
 * Give one property of one component another value.
 */
export interface SetProperty {
  action: 'set_property'
  component_id: string
  field: string
  value: unknown
  label: string
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Give one of the design-wide defaults another value.
 */
export interface SetDefault {
  action: 'set_default'
  field: string
  value: unknown
  label: string
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Remove one edge.
 */
export interface RemoveEdge {
  action: 'remove_edge'
  source: string
  target: string
  label: string
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Remove one component and its edges.
 */
export interface RemoveComponent {
  action: 'remove_component'
  component_id: string
  label: string
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Make one component another block, with these properties alone; its id, place and edges stay.
 */
export interface ReplaceBlock {
  action: 'replace_block'
  component_id: string
  type: string
  label: string
  props: {
    [k: string]: unknown
  }
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Add a component of this type, fed by `source` when one is named and feeding `target` when one is named. With both named, the edge between them, if there is one, is replaced. It is added to the container they are in.
 */
export interface AddComponent {
  action: 'add_component'
  type: string
  label: string
  source: string | null
  target: string | null
  props: {
    [k: string]: unknown
  }
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Add one edge.
 */
export interface AddEdge {
  action: 'add_edge'
  source: string
  target: string
  label: string
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * Connect one component elsewhere: first the edges of `cut` are removed, then those of `join` are added in order.
 */
export interface MoveComponent {
  action: 'move_component'
  component_id: string
  label: string
  source: string | null
  target: string | null
  cut: [string, string][]
  join: Join[]
  label_code: string
  label_params: {
    [k: string]: unknown
  }
}
/**
 * An edge to draw, and its position in the list of all edges.
 */
export interface Join {
  source: string
  target: string
  at: number
}
/**
 * The result of validating a design: every problem, and the exact sizes where they are known.
 */
export interface ValidationResult {
  valid: boolean
  paramCount: number
  estimatedMemory: number
  errors: string[]
  problems: Problem[]
  parameters: number
  active_parameters: number
  flops: number
  blocks: {
    [k: string]: BlockEstimate
  }
  warnings: Problem[]
  memory: MemoryEstimate
  algorithms: string[]
}
/**
 * One thing that is wrong: a stable code, where it is, the English sentence, and a fix where there is one. The sentence is that of the catalogue (`message_catalogue.py`) for `code` and `params`.
 */
export interface Problem {
  code: string
  message: string
  component_id: string | null
  field: string | null
  expected: string | null
  received: string | null
  fix: (SetProperty | SetDefault | RemoveEdge | RemoveComponent | ReplaceBlock | AddComponent | AddEdge | MoveComponent) | null
  params: {
    [k: string]: unknown
  }
}
/**
 * What one placed block costs, a container with all that lies inside it; a block inside counts as one copy of it.
 */
export interface BlockEstimate {
  parameters: number
  active_parameters: number
  flops: number
  activation_bytes: number
  training_bytes: number
  shape: string
}
/**
 * Where the memory of a run goes, in bytes. In a validation result that of the first of `algorithms` with its default settings.
 */
export interface MemoryEstimate {
  weights: number
  gradients: number
  optimizer: number
  activations: number
  activations_without_checkpoints: number
  rollout: number
  workspace: number
  training: number
  running: number
}
/**
 * The text of one PyTorch module, the hash of the design it was written from, and which lines are whose.
 */
export interface GeneratedSource {
  source: string
  design_hash: string
  lines: {
    [k: string]: LineSpan[]
  }
  config: {
    [k: string]: number
  }
}
/**
 * The first and last line of the generated text, counted from 1, that a component wrote.
 */
export interface LineSpan {
  first: number
  last: number
}
/**
 * What a compile gives: where the module can be imported, its exact size, its text and the checks.
 */
export interface CompileResult {
  import_path: string
  paramCount: number
  config: {
    [k: string]: number
  }
  parameters: number
  source: string
  design_hash: string
  checks: Check[]
}
/**
 * One proof of a compile: what was checked, whether it held, and what was seen.
 */
export interface Check {
  name: string
  passed: boolean
  detail: string
}
/**
 * Whether an edge may be drawn, and why not: a sentence, and the problem it is about.
 */
export interface ConnectionCheck {
  ok: boolean
  reason: string | null
  problem: Problem | null
}
/**
 * The best wiring for a component: the edges to cut and then to join, its first neighbours, and what is wrong afterwards.
 */
export interface Placement {
  cut: [string, string][]
  join: Join[]
  source: string | null
  target: string | null
  valid: boolean
  problems: number
  validation: ValidationResult | null
}
/**
 * What a server has, and how fast it proved to be at training, so that a phone can tell the time also offline.
 */
export interface Machine {
  cores: number
  memory_bytes: number
  multiply_adds_per_second: number | null
  step_overhead_s: number | null
  measured_at: string | null
  run_memory_bytes: number | null
  bfloat16: boolean | null
}
/**
 * The designs in the order of their scores, the best first.
 */
export interface Leaderboard {
  processor_minutes: number
  max_parameters: number | null
  entries: LeaderboardEntry[]
  unmeasured_runs: number
}
/**
 * The best run of a design within the budget, by its last test games within it.
 */
export interface LeaderboardEntry {
  design_id: string
  design_name: string
  run_id: string
  run_name: string
  algorithm: string
  design_hash: string
  score: number
  median_score: number
  /**
   * @minItems 2
   * @maxItems 2
   */
  quartiles: [number, number]
  games: number
  policy: 'greedy' | 'sampled'
  steps: number
  processor_s: number
  parameters: number | null
}
/**
 * What a run would take: bytes, the most boards at once that fit, and seconds where the server's speed is known.
 */
export interface Forecast {
  training_bytes: number
  memory: MemoryEstimate
  fits: boolean | null
  largest_microbatch: number | null
  seconds: number | null
}
/**
 * Settings to start a run with, what they are good for, and what that run would take.
 */
export interface RecipeOffer {
  name: string
  title: string
  help: string
  config: TrainConfig
  forecast: Forecast | null
}
/**
 * How a network is trained; the defaults are PPO's preset for small ones, `presets.preset` has the others. A run is stored with all its settings: one that is added later needs a default, and none is ever renamed.
 */
export interface TrainConfig {
  /**
   * PPO: It learns to choose among the four moves. afterstate TD: It learns to value the boards that moves lead to, and plays for the best.
   */
  algorithm?: 'afterstate_td' | 'ppo'
  /**
   * How much is played in all, in whole rollouts.
   */
  total_steps?: number
  /**
   * Games played side by side.
   */
  n_envs?: number
  /**
   * Moves per game between updates.
   */
  n_steps?: number
  /**
   * Boards per gradient step.
   */
  minibatch_size?: number
  /**
   * Boards computed at once; gradients add up to the minibatch.
   */
  microbatch_size?: number
  /**
   * Passes over each rollout.
   */
  update_epochs?: number
  /**
   * Share of each rollout used per epoch, importance-sampled by gradient size. Less is quicker; 1 is all of it.
   */
  update_share?: number
  /**
   * Adam's step size at the start.
   */
  learning_rate?: number
  /**
   * Adam's step size at the end; linear in between.
   */
  final_learning_rate?: number
  /**
   * Weight of the next move's value.
   */
  gamma?: number
  /**
   * Bias against variance: of GAE's advantages, of TD's returns.
   */
  gae_lambda?: number
  /**
   * What a move's points are worth: as they are, their root, or their logarithm.
   */
  reward?: 'log_points' | 'points' | 'sqrt_points'
  /**
   * Learn from each board turned or mirrored at random.
   */
  symmetries?: boolean
  /**
   * Plays by the mean value of this many of a board's 8 turned and mirrored views.
   */
  play_views?: number
  /**
   * Games that begin with big tiles.
   */
  big_tile_starts?: number
  /**
   * Games that begin from a board that a good game reached.
   */
  good_game_starts?: number
  /**
   * How far the policy ratio may move from 1.
   */
  clip_coef?: number
  /**
   * Weight of the value loss.
   */
  vf_coef?: number
  /**
   * Weight of the policy's entropy at the start.
   */
  ent_coef?: number
  /**
   * Weight of the policy's entropy at the end; linear in between.
   */
  final_ent_coef?: number
  /**
   * Gradients are scaled down to this norm. 0: never.
   */
  max_grad_norm?: number
  /**
   * Test games and exports use a moving average of the weights; each step keeps this share of it. 0: none.
   */
  ema_decay?: number
  /**
   * The epochs of an update end when a minibatch's KL divergence passes this.
   */
  target_kl?: number
  /**
   * The value may move no further than the clip range either.
   */
  clip_value_loss?: boolean
  /**
   * Of matrix products; auto takes bfloat16 where the CPU or GPU is faster by it.
   */
  precision?: 'auto' | 'bfloat16' | 'float32'
  /**
   * Whether torch.compile prepares the network, which takes a minute; auto does on a GPU.
   */
  compile?: 'always' | 'auto' | 'never'
  /**
   * Seed of every random number.
   */
  seed?: number
  /**
   * One a core at most; 0 takes the cores less one.
   */
  threads?: number
  /**
   * Processes that each play a part of the games and learn from it; their gradients are averaged.
   */
  workers?: number
  /**
   * tc: temporal coherence, a rate of its own for each entry, where the value is a sum of table entries.
   */
  optimizer?: 'adam' | 'tc'
  /**
   * Time between checkpoints.
   */
  checkpoint_every_s?: number
}
/**
 * What a sweep tries, and how long.
 */
export interface SweepSpec {
  axes: SweepAxis[]
  settings?: {
    [k: string]: unknown
  }
  search?: 'grid' | 'random'
  trials?: number
  seed?: number
  halving?: boolean
  minutes?: number | null
}
/**
 * One property or setting that a sweep varies: by a list of values, or within a range from `low` to `high`.
 */
export interface SweepAxis {
  kind: 'block' | 'design' | 'setting'
  name: string
  component_id?: string | null
  values?: (boolean | number | string | null)[]
  low?: number | null
  high?: number | null
  count?: number
  scale?: 'linear' | 'log'
}
/**
 * A request to start a sweep of a stored design.
 */
export interface SweepRequest {
  axes: SweepAxis[]
  settings?: {
    [k: string]: unknown
  }
  search?: 'grid' | 'random'
  trials?: number
  seed?: number
  halving?: boolean
  minutes?: number | null
  design_id: string
  design?: ModelArchitecture | null
}
/**
 * What a sweep would run.
 */
export interface SweepPlan {
  trials: PlannedTrial[]
  left_out: number
  reason: string | null
  rungs: number[]
  seconds: number | null
  training_bytes: number
  problem: string | null
}
/**
 * One combination of values, and what its whole run would take.
 */
export interface PlannedTrial {
  values: (boolean | number | string | null)[]
  training_bytes: number
  seconds: number | null
}
/**
 * A sweep and its trials.
 */
export interface Sweep {
  id: string
  design_id: string
  created_at: string
  status: 'finished' | 'running' | 'stopped'
  reason: string | null
  spec: SweepSpec
  total_steps: number
  rungs: number[]
  left_out: number
  left_out_reason: string | null
  trials: SweepTrial[]
  best: number | null
  started_at: string | null
  ended_at: string | null
}
/**
 * One run of a sweep as it stands.
 */
export interface SweepTrial {
  run_id: string
  values: (boolean | number | string | null)[]
  phase: 'ended' | 'held' | 'starting' | 'training' | 'waiting'
  scores: number[]
  steps: number
  score: number | null
  outcome: ('failed' | 'finished' | 'stopped' | 'stopped_early') | null
  reason: string | null
}
/**
 * What differs from one version of a design to another; components in the natural order of their ids.
 */
export interface DesignDifference {
  summary: string
  added: NamedComponent[]
  removed: NamedComponent[]
  changed: ComponentChange[]
  moved: NamedComponent[]
  wires_added: [string, string][]
  wires_removed: [string, string][]
  reordered: NamedComponent[]
  values: ValueChange[]
}
/**
 * A component, and what it is called in its version of the design.
 */
export interface NamedComponent {
  id: string
  name: string
}
/**
 * The properties, the type and the container of one component, as far as they differ.
 */
export interface ComponentChange {
  id: string
  name: string
  changes: ValueChange[]
}
/**
 * One value that differs; null where a property is left to its default.
 */
export interface ValueChange {
  path: string
  place: string
  before: unknown
  after: unknown
  before_text: string
  after_text: string
}
/**
 * One row of the list of designs.
 */
export interface DesignMeta {
  id: string
  name: string
  created_at: string
  updated_at: string
  etag: string
  problem?: string
}
/**
 * One stored version of a design.
 */
export interface Revision {
  number: number
  etag: string
  stored_at: string
  current: boolean
  name?: string
  device?: string
  change?: string
  device_id?: string
}
/**
 * The name of a version that is to be kept.
 */
export interface RevisionName {
  name: string
}
/**
 * A design in the bin; the etag is that of its last version.
 */
export interface DeletedDesign {
  id: string
  name: string
  created_at: string
  deleted_at: string
  etag: string
}
/**
 * What `POST /api/designs` may say; all of it may be left out.
 */
export interface NewDesign {
  id?: string | null
  name?: string | null
  template?: string | null
  architecture?: ModelArchitecture | null
}
/**
 * Push and pull in one call.
 */
export interface SyncRequest {
  epoch?: string | null
  cursor?: number
  designs?: PushedDesign[]
  commands?: PushedCommand[]
  client_id?: string | null
  cursor_token?: string | null
  device_id?: string | null
  former_device_ids?: string[]
  device_name?: string
  acknowledged?: string[]
  resolved?: Resolution[]
  conflicts?: StoredConflict[]
  for_others?: StoredConflict[]
}
/**
 * One design of a sync call, not yet decoded further so that a bad one can be refused by itself.
 */
export interface PushedDesign {
  id: string
  base?: {
    [k: string]: unknown
  } | null
  work?: {
    [k: string]: unknown
  } | null
  deleted?: boolean
  client_id?: string | null
  change?: number | null
  base_seen?: {
    [k: string]: number
  } | null
  base_contents?: {
    [k: string]: string
  }
  anchor?: {
    [k: string]: unknown
  } | null
  anchor_seen?: {
    [k: string]: number
  }
  yields?: boolean
}
/**
 * A request to compile or train, possibly made offline; it runs once, also if it is sent again.
 */
export interface PushedCommand {
  id: string
  kind: 'compile' | 'resume' | 'train'
  design_id: string
  config?: {
    [k: string]: unknown
  }
  run_id?: string
}
/**
 * What a person chose for a conflict; the edit itself is pushed with its design.
 */
export interface Resolution {
  id: string
  choice: 'mine' | 'theirs'
}
/**
 * A conflict that the server keeps until every device concerned has acknowledged it; `mine` is the value of `device`.
 */
export interface StoredConflict {
  path: string
  base: unknown
  mine: unknown
  theirs: unknown
  kept: 'mine' | 'theirs'
  id: string
  design_id: string
  device: string
  created_at: string
  device_name?: string
  other_name?: string
  resolved?: ('mine' | 'theirs') | null
  resolved_by?: string
  devices?: string[]
}
/**
 * The answer to a sync call; `designs` also holds what others changed after the cursor.
 */
export interface SyncResponse {
  epoch: string
  cursor: number
  designs: SyncedDesign[]
  commands: SyncedCommand[]
  rejected: Rejection[]
  cursor_token: string
  history: 'other' | 'same'
  conflicts: StoredConflict[]
  unreadable: Rejection[]
  for_others: StoredConflict[]
}
/**
 * The server's state of one design: its document, or that it was deleted.
 */
export interface SyncedDesign {
  id: string
  etag?: string | null
  document?: ModelArchitecture
  deleted?: boolean
  conflicts?: Conflict[]
  seen?: {
    [k: string]: number
  }
  contents?: {
    [k: string]: string
  }
  forked?: boolean
}
/**
 * Something both sides changed: where, what it was, what each made of it, and whose value stands.
 */
export interface Conflict {
  path: string
  base: unknown
  mine: unknown
  theirs: unknown
  kept: 'mine' | 'theirs'
}
/**
 * How a command stands: running, done (with its result) or failed (with its problem).
 */
export interface SyncedCommand {
  id: string
  status: 'done' | 'failed' | 'running'
  run_id?: string
  result?: CompileResult
  problem?: ProblemDetails
}
/**
 * RFC 9457 problem details.
 */
export interface ProblemDetails {
  title: string
  status: number
  detail: string
  type?: string
  errors?: unknown[]
  problems?: Problem[]
}
/**
 * A pushed design that was refused, by itself, and why.
 */
export interface Rejection {
  id: string
  problem: ProblemDetails
}
/**
 * One training run of one version of one design.
 */
export interface Run {
  id: string
  design_id: string
  design_hash: string
  status: 'failed' | 'finished' | 'interrupted' | 'paused' | 'queued' | 'running' | 'stopped'
  reason: string | null
  steps: number
  total_steps: number
  created_at: string
  started_at: string | null
  ended_at: string | null
  score: number | null
  best_score: number | null
  config: {
    [k: string]: unknown
  }
  phase: ('evaluating' | 'queued' | 'saving' | 'training') | null
  warning: string | null
  responding: boolean
  last_heartbeat_step: number | null
  last_heartbeat_at: string | null
  sequence: number
  saved_steps: number | null
  failure:
    | (
        | 'compiler'
        | 'crashed'
        | 'damaged_checkpoint'
        | 'disk_full'
        | 'diverged'
        | 'error'
        | 'files_missing'
        | 'files_unusable'
        | 'interrupted'
        | 'killed'
        | 'not_started'
        | 'out_of_memory'
        | 'unkillable'
        | 'unknown_trainer'
        | 'unresponsive'
      )
    | null
  name: string
  note: string
  tags: string[]
  sweep_id: string | null
}
/**
 * The answer to a training request.
 */
export interface RunAccepted {
  run_id: string
}
/**
 * What a person wrote about a run.
 */
export interface RunLabels {
  name: string
  note: string
  tags: string[]
}
/**
 * What a person sees of a type of file that a trained network can be exported as.
 */
export interface ExportFormat {
  suffix: string
  title: string
  help: string
  wait: string
}
/**
 * Everything that can be exported of a design.
 */
export interface ExportList {
  runs: ExportableRun[]
}
/**
 * A run of which something can be exported.
 */
export interface ExportableRun {
  run_id: string
  algorithm: string
  status: 'failed' | 'finished' | 'interrupted' | 'paused' | 'queued' | 'running' | 'stopped'
  steps: number
  created_at: string
  ended_at: string | null
  design_hash: string
  score: number | null
  best_score: number | null
  evaluation: ExportEvaluation | null
  train_seconds: number | null
  parameters: number
  inspectable: boolean
  checkpoints: ExportableCheckpoint[]
  name: string
  tags: string[]
  total_steps: number
  value_unit: ValueUnit | null
}
/**
 * The newest test games of a run.
 */
export interface ExportEvaluation {
  mean: number
  median: number
  games: number
  max_tile_frequency: {
    [k: string]: number
  }
  baselines: {
    [k: string]: PlayedGames
  }
}
/**
 * How seeded games ended.
 */
export interface PlayedGames {
  games: number
  mean_score: number
  median_score: number
  /**
   * @minItems 2
   * @maxItems 2
   */
  quartiles: [number, number]
  max_tile_frequency: {
    [k: string]: number
  }
}
/**
 * One stored network of a run.
 */
export interface ExportableCheckpoint {
  checkpoint: string
  steps: number
  created_at: string
  score: number | null
  files: ExportFile[]
}
/**
 * One file that a checkpoint can be exported as.
 */
export interface ExportFile {
  fmt: string
  inspect: boolean
  bytes: number
  is_exact: boolean
  sha256: string | null
  largest_difference: number | null
  checked_boards: number | null
  note: string | null
}
/**
 * What the values of a network are made of, so that a search can add the points of moves to them.
 */
export interface ValueUnit {
  gamma: number
  reward: 'log_points' | 'points' | 'sqrt_points'
}
/**
 * A line of the live chart: the metrics of the newest iteration of a run.
 */
export interface TrainingUpdate {
  type: 'training_update'
  seq: number
  run_id: string
  /**
   * Games that ended since the run began.
   */
  episode: number
  /**
   * Moves played since the run began.
   */
  steps: number
  /**
   * Moves played a second over the last iterations, all games together, updates included.
   */
  steps_per_second: number
  /**
   * Mean score of the last 200 games that ended, played by the weights being trained.
   */
  score: number | null
  /**
   * Mean training reward of a move in the newest rollout, in the form that the reward setting chooses.
   */
  reward: number | null
  /**
   * What the optimizer minimises, auxiliary losses included: mean over the newest update.
   */
  loss: number | null
  /**
   * PPO's clipped surrogate: mean over the newest update.
   */
  policy_loss: number | null
  /**
   * Mean squared error of the value, in squared rewards, before its weight.
   */
  value_loss: number | null
  /**
   * How undecided the policy is between legal moves, at most ln 4 = 1.386; 0 is certain.
   */
  entropy: number | null
  /**
   * Estimate of KL(old, new) in the last minibatch of the newest update; above the target KL the update ends early.
   */
  approx_kl: number | null
  /**
   * Share of moves whose ratio left the clip range.
   */
  clip_fraction: number | null
  /**
   * 1 - var(return - value) / var(return): 1 is a perfect value, 0 no better than a constant.
   */
  explained_variance: number | null
  /**
   * Adam's step size in the newest iteration; it falls towards the end.
   */
  learning_rate: number
  /**
   * Mean length of the last 200 games that ended.
   */
  avg_game_length: number | null
  max_tile_frequency: {
    [k: string]: number
  }
  board_state: number[]
  moe: MixtureUsage | null
  /**
   * Moves of the whole run.
   */
  total_steps: number
  /**
   * Training so far, without pauses.
   */
  elapsed_s: number
  choice: MoveChoice | null
  /**
   * Time of all processor cores that the training process has used, test games included.
   */
  processor_s: number | null
}
/**
 * How the experts of a network were used: shares of tokens that sum to 1, over all layers and per layer.
 */
export interface MixtureUsage {
  expert_usage: number[]
  /**
   * The bonus for using all experts: the more evenly they share the work, the larger it is.
   */
  lb_reward: number
  layers: {
    [k: string]: number[]
  }
  /**
   * How undecided the router is about a cell or board: at 100 % every expert is as likely, at 0 % it is sure of one.
   */
  router_entropy: {
    [k: string]: number
  }
  /**
   * How evenly the experts share all cells or boards: 100 % means equal parts, 0 % that one expert gets everything.
   */
  load_entropy: {
    [k: string]: number
  }
  dead_experts: {
    [k: string]: number[]
  }
  whole_boards: string[]
}
/**
 * How a network chose a move on one of the boards being played.
 */
export interface MoveChoice {
  board: number[]
  probabilities: number[]
  action: number
}
/**
 * The status, phase, warning or responsiveness of a run changed; fields added later have defaults for lines of older runs.
 */
export interface RunStatusChanged {
  type: 'run_status'
  seq: number
  run_id: string
  status: 'failed' | 'finished' | 'interrupted' | 'paused' | 'queued' | 'running' | 'stopped'
  reason: string | null
  design_id: string
  phase: ('evaluating' | 'queued' | 'saving' | 'training') | null
  warning: string | null
  responding: boolean
  last_heartbeat_step: number | null
  total_steps: number | null
}
/**
 * How far the test games of an evaluation are.
 */
export interface EvaluationProgress {
  type: 'evaluation_progress'
  seq: number
  run_id: string
  steps: number
  games_done: number
  games: number
  board_state: number[]
}
/**
 * Seeded games played by the policy as it stands, with the baselines beside it.
 */
export interface Evaluation {
  type: 'evaluation'
  seq: number
  run_id: string
  steps: number
  policy: 'greedy' | 'sampled'
  games: number
  mean_score: number
  median_score: number
  /**
   * @minItems 2
   * @maxItems 2
   */
  quartiles: [number, number]
  max_tile_frequency: {
    [k: string]: number
  }
  random_score: number
  greedy_score: number
  baselines: {
    [k: string]: PlayedGames
  }
  board_reading: number | null
  experts: {
    [k: string]: ExpertPhases
  }
  processor_s: number | null
}
/**
 * Which experts of a mixture worked in test games, by the largest tile on the board.
 */
export interface ExpertPhases {
  whole_boards: boolean
  boards: {
    [k: string]: number
  }
  shares: {
    [k: string]: number[]
  }
  dead_experts: number[]
}
/**
 * A checkpoint reached the disk.
 */
export interface CheckpointCreated {
  type: 'checkpoint_created'
  seq: number
  run_id: string
  steps: number
  score: number | null
}
/**
 * A design was stored or deleted on the server.
 */
export interface DesignChanged {
  type: 'design_changed'
  seq: number
  run_id: null
  design_id: string
  etag: string | null
}
/**
 * A person changed the name, the note or the tags of a run.
 */
export interface RunLabelled {
  type: 'run_labelled'
  seq: number
  run_id: string
  design_id: string
  name: string
  note: string
  tags: string[]
}
/**
 * A run was deleted with all its messages.
 */
export interface RunDeleted {
  type: 'run_deleted'
  seq: number
  run_id: string
  design_id: string
}
/**
 * A command that a sync call answered with `running` has ended; the next sync call with the command has its result.
 */
export interface CommandFinished {
  type: 'command_finished'
  seq: number
  run_id: null
  command_id: string
  design_id: string
  status: 'done' | 'failed'
}
/**
 * A sweep was started, one of its trials began, was stopped or ended, or the sweep itself ended.
 */
export interface SweepChanged {
  type: 'sweep_changed'
  seq: number
  run_id: null
  sweep_id: string
  design_id: string
}
/**
 * Whether the server requires pairing, and the device that sent the request.
 */
export interface PairingState {
  required: boolean
  device: Device | null
}
/**
 * A device that may use the server.
 */
export interface Device {
  id: string
  name: string
  paired_at: string
  last_used_at: string
  current: boolean
}
/**
 * A change that a device made.
 */
export interface AuditEntry {
  number: number
  at: string
  device_id: string
  device_name: string
  request_id: string
  what: string
  subject: string
}
/**
 * Whether the device that sent the request is notified.
 */
export interface PushState {
  paired: boolean
  public_key: string | null
  endpoint: string | null
}
/**
 * Where and how a browser receives notifications.
 */
export interface SubscriptionRequest {
  endpoint: string
  keys: PushKeys
}
/**
 * The keys of a subscription (RFC 8291) in base64url, by which only the browser can read a message.
 */
export interface PushKeys {
  p256dh: string
  auth: string
}
/**
 * The content of a notification.
 */
export interface RunEnded {
  run_id: string
  design_id: string
  design: string
  status: 'failed' | 'finished' | 'interrupted' | 'paused' | 'queued' | 'running' | 'stopped'
  score: number | null
}
/**
 * Events of one device.
 */
export interface TelemetryBatch {
  device_id: string
  events: (CompileSuccess | TrainStarted | NetworkExported | OfflineSeconds | ClientError)[]
}
/**
 * A compile succeeded.
 */
export interface CompileSuccess {
  type: 'compile_success'
  id: string
  at: string
  request_id?: string | null
  designId: string
  paramCount: number
  time_ms: number
  parameters?: number | null
}
/**
 * A run was started.
 */
export interface TrainStarted {
  type: 'train_started'
  id: string
  at: string
  request_id?: string | null
  designId: string
  run_id?: string | null
}
/**
 * A trained network was saved or shared as a file; without `request_id` the phone had the file already.
 */
export interface NetworkExported {
  type: 'export'
  id: string
  at: string
  request_id?: string | null
  designId: string
  fmt: string
}
/**
 * How long the app was open and visible while the server could not be reached, until it was reached again.
 */
export interface OfflineSeconds {
  type: 'offline_seconds'
  id: string
  at: string
  request_id?: string | null
  seconds: number
}
/**
 * An error of the app, or a call that the server answered with an error; the message is left out.
 */
export interface ClientError {
  type: 'client_error'
  id: string
  at: string
  request_id?: string | null
  name: string
  stack?: string
  status?: number | null
}
/**
 * How many events of a call are new, and how many were stored before.
 */
export interface TelemetryReceipt {
  stored: number
  known: number
}
/**
 * An event as the server keeps it.
 */
export interface RecordedEvent {
  number: number
  received_at: string
  event: CompileSuccess | TrainStarted | NetworkExported | OfflineSeconds | ClientError
}
/**
 * A game between two moves; the next tile depends on the seed and on the number of tiles drawn so far.
 */
export interface GameState {
  seed: number
  board: number[]
  score: number
  n_moves: number
  n_tiles: number
  /**
   * @minItems 4
   * @maxItems 4
   */
  legal: [boolean, boolean, boolean, boolean]
}
/**
 * A move, the new tile after it, and the state that they lead to.
 */
export interface PlayedMove {
  action: number
  points: number
  afterstate: number[]
  new_cell: number
  new_exponent: number
  motions: Motion[]
  state: GameState
}
/**
 * The way of one tile during a move.
 */
export interface Motion {
  source: number
  target: number
  merges: boolean
}
/**
 * A game that can be played again: the seed determines the tiles.
 */
export interface GameRecord {
  seed: number
  actions: string
  score: number
}
/**
 * Every block, the families they belong to, and the values a design gives to all of them.
 */
export interface Catalogue {
  version: number
  schema_version: number
  plain_version: number
  kinds: string[]
  blocks: BlockKind[]
  meta: Property[]
}
/**
 * What a screen has to know of a block to offer it, draw it and edit it.
 */
export interface BlockKind {
  type: string
  title: string
  kind: string
  summary: string
  min_inputs: number
  max_inputs: number | null
  has_output: boolean
  container: boolean
  training_only: boolean
  properties: Property[]
  keywords: string[]
}
/**
 * One property of a block, as a sheet shows it and as a problem speaks of it.
 */
export interface Property {
  name: string
  title: string
  help: string
  type: 'boolean' | 'component' | 'integer' | 'integers' | 'number' | 'patterns' | 'string'
  default: unknown
  unit: string
  minimum: number | null
  maximum: number | null
  step: number | null
  choices: string[] | null
  divides: string | null
  max_items: number | null
  min_items: number | null
  max_cells: number | null
  default_text: string | null
  nullable: boolean
  from_meta: boolean
  only_for: string[] | null
  names_unit: boolean
}
/**
 * How one metric is named, explained, written and charted.
 */
export interface Metric {
  path: string[]
  title: string
  meaning: string
  term: string
  unit: string
  axis: string
  style: 'exact' | 'fixed' | 'percent' | 'rounded' | 'significant'
  digits: number
}
/**
 * The templates in the order in which they are offered, and what their scores are compared with.
 */
export interface Gallery {
  templates: GalleryTemplate[]
  machines: MeasuredMachine[]
  random_score: number
  greedy_rule_score: number
}
/**
 * One template in the gallery.
 */
export interface GalleryTemplate {
  id: string
  good_for: string
  parameters: number
  measured: MeasuredScore[]
}
/**
 * The mean score of test games after runs of one length.
 */
export interface MeasuredScore {
  algorithm: string
  seconds: number
  moves: number
  score: number
  seeds: number
  date: string
  machine: number
  multiply_adds_per_move: number
  overheads_per_move: number
}
/**
 * A machine on which runs were measured, and its speed as `protocol.Machine` has it.
 */
export interface MeasuredMachine {
  name: string
  multiply_adds_per_second: number
  step_overhead_s: number
}
