// Generated from shared_py by `npm run generate`; edit the Python, not this.
import type { Component } from './wire'

/**
 * The properties of every block, by its type.
 */
export interface PropsOfBlocks {
  board_input: BoardInputProps
  embedding: EmbeddingProps
  n_tuple: NTupleProps
  transformer_layer: TransformerLayerProps
  attention: AttentionProps
  moe_layer: MoELayerProps
  load_balance_router: LoadBalanceRouterProps
  conv2d: Conv2DProps
  max_pool2d: MaxPool2DProps
  linear: LinearProps
  layer_norm: LayerNormProps
  rms_norm: RMSNormProps
  activation: ActivationProps
  dropout: DropoutProps
  pool: PoolProps
  add: AddProps
  multiply: MultiplyProps
  concat: ConcatProps
  broadcast: BroadcastProps
  repeat: RepeatProps
  subnetwork: SubnetworkProps
  action_output: ActionOutputProps
  value_output: ValueOutputProps
  aux_loss_head: AuxLossHeadProps
  grad_checkpoint: GradCheckpointProps
}
/**
 * The 16 cells of a board, as tile exponents. A batch of boards `(B, 16)`: int64 tile exponents 0 to 17, row by row from the top left.
 */
export type BoardInputProps = Record<string, never>
/**
 * A vector for each tile, plus one for its place. A vector for each tile value plus one for each cell; `torch.nn.Embedding` for both. Other encodings have no parameters: `one_hot` is a 1 among num_classes numbers, of which the last stands for all larger tiles too, `scaled` a single number, the exponent ÷ divisor.
 */
export interface EmbeddingProps {
  /**
   * Model width, 8 to 1024, multiples of 8. Embedding width per cell; a multiple of 8. Left out, it is that of the design's meta, else 128.
   */
  d_model?: number
  /**
   * Tile values, 18 to 64. Exponents it knows; a board holds 0 to 17.
   */
  num_embeddings?: number
  /**
   * How a cell knows its place: learned, fixed waves, or not; 2d codes row and column.
   */
  position?: 'learned' | 'learned_2d' | 'sinusoidal' | 'sinusoidal_2d' | 'none'
  /**
   * Each cell also says what it would hold after each of the four moves.
   */
  lookahead?: boolean
  /**
   * A learned vector put before the cells, for outputs to read.
   */
  cls_token?: boolean
  /**
   * Dropout, 0 to 0.9. Share of values set to zero while training; no effect under PPO.
   */
  dropout?: number
  /**
   * learned vectors, a 1 in the tile's place among zeros, or the tile's exponent as one number.
   */
  encoding?: 'learned' | 'one_hot' | 'scaled'
  /**
   * Classes, 2 to 64. Numbers of a one_hot cell; larger tiles count as the last.
   */
  num_classes?: number
  /**
   * Divisor, 1 to 64. What a scaled exponent is divided by.
   */
  divisor?: number
}
/**
 * Looks up patterns of cells in tables. Tables that are looked up by the tiles of a few cells each, an n-tuple network: a pattern of k cells has 16^k rows.
 */
export interface NTupleProps {
  /**
   * Patterns, 1 to 16 lists of 1 to 6 different cells, each 0 to 15. The cells that each table looks at.
   */
  patterns?: number[][]
  /**
   * Each table is read in all eight turned and mirrored views of the board.
   */
  symmetric?: boolean
  /**
   * Width out, 1 to 256. Numbers in an entry: 1 for a table of values, more to go on with.
   */
  out_features?: number
  /**
   * Initial value, 0 to 1e+06. Sum of all entries of a board at first; high values make it try more.
   */
  initial_value?: number
}
/**
 * Cells attend to each other, then a feed-forward network works on each. `torch.nn.TransformerEncoderLayer` with `batch_first=True`: the cells of one board attend to each other. `swiglu` makes the feed-forward network three linear maps, down(silu(gate(x)) × up(x)) (Shazeer 2020).
 */
export interface TransformerLayerProps {
  /**
   * Model width, 8 to 1024, multiples of 8. Embedding width per cell; a multiple of 8. Left out, it is that of the design's meta, else 128.
   */
  d_model?: number
  /**
   * Heads, 1 to 64, a divisor of d_model. Attention heads; each sees d_model ÷ n_heads numbers. It divides d_model. Left out, it is that of the design's meta, else 4.
   */
  n_heads?: number
  /**
   * Key and value heads, 1 to 64, a divisor of n_heads. Each serves n_heads ÷ this many heads (grouped-query attention). It divides n_heads. Left out, it is n_heads.
   */
  num_key_value_heads?: number | null
  /**
   * Turns queries and keys by their cell's number, so that heads see how far cells are apart.
   */
  rotary?: boolean
  /**
   * Rotary base, 1 to 1e+06. The slowest turn takes about this many cells × 2π.
   */
  rope_theta?: number
  /**
   * Feed-forward width, 1 to 8192. Hidden width of the feed-forward network. Left out, it is 4 × d_model.
   */
  dim_feedforward?: number | null
  /**
   * Dropout, 0 to 0.9. Share of values set to zero while training; no effect under PPO.
   */
  dropout?: number
  /**
   * Activation function between two linear maps; swiglu gates it by a third map.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid' | 'swiglu'
  /**
   * Norm epsilon, 1e-12 to 0.1. Added to the variance before its root.
   */
  layer_norm_eps?: number
  /**
   * Normalise before attention and feed-forward, not after.
   */
  norm_first?: boolean
  /**
   * Linear maps and norms have an additive bias.
   */
  bias?: boolean
}
/**
 * Cells attend to each other; nothing else. `torch.nn.MultiheadAttention` of the cells of one board to each other; no residual and no norm: draw them, or not. With fewer key and value heads it is grouped-query attention (Ainslie et al. 2023), with one multi-query attention; rotary positions are those of Su et al. 2021, over the order of the cells.
 */
export interface AttentionProps {
  /**
   * Model width, 8 to 1024, multiples of 8. Embedding width per cell; a multiple of 8. Left out, it is that of the design's meta, else 128.
   */
  d_model?: number
  /**
   * Heads, 1 to 64, a divisor of d_model. Attention heads; each sees d_model ÷ n_heads numbers. It divides d_model. Left out, it is that of the design's meta, else 4.
   */
  n_heads?: number
  /**
   * Key and value heads, 1 to 64, a divisor of n_heads. Each serves n_heads ÷ this many heads (grouped-query attention). It divides n_heads. Left out, it is n_heads.
   */
  num_key_value_heads?: number | null
  /**
   * Turns queries and keys by their cell's number, so that heads see how far cells are apart.
   */
  rotary?: boolean
  /**
   * Rotary base, 1 to 1e+06. The slowest turn takes about this many cells × 2π.
   */
  rope_theta?: number
  /**
   * Dropout, 0 to 0.9. Share of values set to zero while training; no effect under PPO.
   */
  dropout?: number
  /**
   * Linear maps and norms have an additive bias.
   */
  bias?: boolean
}
/**
 * Each cell, or the whole board, is worked on by a few of several experts. Residual mixture of experts: x plus the gate-weighted sum of the experts taken, for each cell or for the whole board.
 */
export interface MoELayerProps {
  /**
   * Model width, 8 to 1024, multiples of 8. Embedding width per cell; a multiple of 8. Left out, it is that of the design's meta, else 128.
   */
  d_model?: number
  /**
   * Experts, 1 to 8. Feed-forward networks to choose from. Left out, it is that of the design's meta, else 4.
   */
  n_experts?: number
  /**
   * Feed-forward width, 1 to 8192. Hidden width of the feed-forward network. Left out, it is 4 × d_model.
   */
  dim_feedforward?: number | null
  /**
   * Activation function between two linear maps; swiglu gates it by a third map.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid' | 'swiglu'
  /**
   * Linear maps and the norm have an additive bias.
   */
  bias?: boolean
  /**
   * Shared experts, 0 to 4. Experts that work on everything, unrouted.
   */
  num_shared_experts?: number
  /**
   * What arrives is added to what the experts say.
   */
  residual?: boolean
  /**
   * Norm epsilon, 1e-12 to 0.1. Added to the variance before its root.
   */
  layer_norm_eps?: number
  /**
   * A layer norm before the experts; without it they get the input itself.
   */
  norm?: boolean
}
/**
 * Chooses the experts for each cell or board, and keeps them busy. Chooses `top_k` of the experts for each cell, or for the whole board, and sets how strongly the choice is balanced.
 */
export interface LoadBalanceRouterProps {
  /**
   * Model width, 8 to 1024, multiples of 8. Embedding width per cell; a multiple of 8. Left out, it is that of the design's meta, else 128.
   */
  d_model?: number
  /**
   * Experts, 1 to 8. Feed-forward networks to choose from. Left out, it is that of the design's meta, else 4.
   */
  n_experts?: number
  /**
   * Active experts, 1 to 8. Experts that work on one cell or board (top-k).
   */
  top_k?: number
  /**
   * The gates of the active experts add up to 1.
   */
  norm_topk_prob?: boolean
  /**
   * softmax: experts compete for each cell or board; sigmoid: each is scored by itself.
   */
  score_func?: 'softmax' | 'sigmoid'
  /**
   * The router's linear map has an additive bias.
   */
  bias?: boolean
  /**
   * Jitter, 0 to 0.5. While training, blurs what it sees by this share; PPO keeps it off.
   */
  router_jitter_noise?: number
  /**
   * Load-balance loss, 0 to 1. Weight of the load-balance loss; at 0 experts may go unused.
   */
  reward_coef?: number
  /**
   * Z-loss, 0 to 1. Weight that keeps the router's logits small.
   */
  router_z_loss_coef?: number
}
/**
 * Each cell sees its neighbours on the board. `torch.nn.Conv2d` over the rows and columns of the board: each place sees its neighbours.
 */
export interface Conv2DProps {
  /**
   * Channels out, 1 to 4096. Numbers in each vector that leaves. Left out, it is d_model.
   */
  out_channels?: number | null
  /**
   * Rows × columns it sees at once; 1x2 and 2x1 are the pairs that merge.
   */
  kernel_size?: '1x1' | '1x2' | '2x1' | '2x2' | '1x3' | '3x1' | '3x3' | '1x4' | '4x1' | '4x4'
  /**
   * Stride, 1 to 4. Cells from one place to the next.
   */
  stride?: number
  /**
   * same: zeros around the board keep its size; valid: only whole kernels; full: all kernels that touch it.
   */
  padding?: 'same' | 'valid' | 'full'
  /**
   * Dilation, 1 to 3. Cells between the kernel's points.
   */
  dilation?: number
  /**
   * Groups, 1 to 2048. Channels fall into this many parts that do not mix.
   */
  groups?: number
  /**
   * Linear maps and norms have an additive bias.
   */
  bias?: boolean
}
/**
 * The largest numbers of neighbouring cells; fewer cells leave. `torch.nn.MaxPool2d` over the rows and columns of the board: of each number, the largest in each window.
 */
export interface MaxPool2DProps {
  /**
   * Rows × columns of one window.
   */
  kernel_size?: '1x2' | '2x1' | '2x2' | '1x3' | '3x1' | '3x3' | '1x4' | '4x1' | '4x4'
  /**
   * Stride, 1 to 4. Cells from one window to the next, in rows and in columns. Left out, it is kernel.
   */
  stride?: number | null
}
/**
 * A linear map of each vector, to any width. `torch.nn.Linear` over the last dimension: of each cell's vector, or of the one vector of a board.
 */
export interface LinearProps {
  /**
   * Width out, 1 to 8192. Numbers in each vector that leaves. Left out, it is d_model.
   */
  out_features?: number | null
  /**
   * Linear maps and norms have an additive bias.
   */
  bias?: boolean
}
/**
 * Brings each vector to mean 0 and variance 1. `torch.nn.LayerNorm` over the last dimension. It takes the place of batch norm, which is left out: what that answers for one board depends on the others of its batch.
 */
export interface LayerNormProps {
  /**
   * Norm epsilon, 1e-12 to 0.1. Added to the variance before its root.
   */
  eps?: number
  /**
   * Multiplies each number by a learned weight.
   */
  elementwise_affine?: boolean
  /**
   * Adds a learned number to each; only with a learned scale.
   */
  bias?: boolean
}
/**
 * Scales each vector to root mean square 1. `torch.nn.RMSNorm` over the last dimension: divides by the root of the mean square, without taking off the mean. Sums are float32, also where products are bfloat16.
 */
export interface RMSNormProps {
  /**
   * Norm epsilon, 1e-12 to 0.1. Added to the variance before its root.
   */
  eps?: number
  /**
   * Multiplies each number by a learned weight.
   */
  elementwise_affine?: boolean
}
/**
 * Activation function on every number: GELU, ReLU and others. `torch.nn.GELU`, `torch.nn.ReLU` and others, applied to every number.
 */
export interface ActivationProps {
  /**
   * Activation function between two linear maps.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid'
}
/**
 * While training, sets some values to zero by chance. `torch.nn.Dropout`: while training, sets a share of the values to zero and scales up the rest.
 */
export interface DropoutProps {
  /**
   * Share, 0 to 0.9. Share of values set to zero; no effect under PPO.
   */
  p?: number
}
/**
 * The vectors of all cells become one. One vector of many: side by side, weighted by place, by attention, the class token, the mean, the largest or the sum.
 */
export interface PoolProps {
  /**
   * How the cells become one vector; a mean hides where the tiles are.
   */
  pool?: 'flatten' | 'weighted' | 'attention' | 'cls' | 'mean' | 'max' | 'sum'
}
/**
 * The sum of its inputs. The sum of two or more inputs of the same shape: a residual or parallel branch comes home.
 */
export type AddProps = Record<string, never>
/**
 * The product of its inputs, number by number. The elementwise product of two or more inputs of the same shape: one branch gates another.
 */
export type MultiplyProps = Record<string, never>
/**
 * Its inputs side by side. `torch.cat` of two or more inputs: wider vectors, or more of them.
 */
export interface ConcatProps {
  /**
   * features: wider vectors; cells: more vectors of the same width.
   */
  dim?: 'features' | 'cells'
}
/**
 * Gives every cell the one vector of the board. `torch.Tensor.expand` and a copy: the vector of a board becomes a token of each cell, all of them equal.
 */
export interface BroadcastProps {
  /**
   * Rows × columns that leave: 4x4 is the board, others what a convolution leaves of it.
   */
  grid?: '4x4' | '4x3' | '3x4' | '3x3' | '4x2' | '2x4' | '2x2' | '1x1' | '5x5'
}
/**
 * Runs the blocks inside it several times over. Runs its content several times, each time on the last output, with its own weights each time or shared ones.
 */
export interface RepeatProps {
  /**
   * Times, 1 to 64. How often it runs, each time on the last output.
   */
  times?: number
  /**
   * One set of weights serves every time, instead of one each.
   */
  share_weights?: boolean
}
/**
 * Blocks drawn once, used in several places. Blocks defined once and used in several places: the first contains them, the others are linked to it and change with it.
 */
export interface SubnetworkProps {
  /**
   * Runs the content of another subnetwork.
   */
  definition?: string | null
  /**
   * One set of weights serves every time, instead of one each.
   */
  share_weights?: boolean
}
/**
 * How much it wants each of the four moves. Policy logits `(B, 4)`, and the value `(B,)` when the design has no output for it; illegal moves are masked.
 */
export interface ActionOutputProps {
  /**
   * How the cells become one vector; a mean hides where the tiles are.
   */
  pool?: 'flatten' | 'weighted' | 'attention' | 'cls' | 'mean' | 'max' | 'sum'
  /**
   * Hidden layers, up to 4, each 1 to 4096. Widths of the layers between pooling and output, each with an activation.
   *
   * Items: Numbers of one hidden layer.
   */
  hidden_sizes?: number[]
  /**
   * Activation function between two linear maps.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid'
  /**
   * Initial gain, 0 to 10. Scale of the last layer's first weights, times 1 ÷ √inputs.
   */
  init_gain?: number
}
/**
 * How much reward it expects from here. The value `(B,)`: the discounted reward expected from here; with it the action output gives none.
 */
export interface ValueOutputProps {
  /**
   * How the cells become one vector; a mean hides where the tiles are.
   */
  pool?: 'flatten' | 'weighted' | 'attention' | 'cls' | 'mean' | 'max' | 'sum'
  /**
   * Hidden layers, up to 4, each 1 to 4096. Widths of the layers between pooling and output, each with an activation.
   *
   * Items: Numbers of one hidden layer.
   */
  hidden_sizes?: number[]
  /**
   * Activation function between two linear maps.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid'
  /**
   * Initial gain, 0 to 10. Scale of the last layer's first weights, times 1 ÷ √inputs.
   */
  init_gain?: number
  /**
   * Without a last linear map, the single number that arrives is the value.
   */
  linear?: boolean
}
/**
 * While training, also learns to tell something about the board. While training, predicts something of the board and adds its loss times `coef`: squared error or cross-entropy. The exported `.py` and its weights keep the head, so that training can go on with the same loss; the `.onnx` leaves it out.
 */
export interface AuxLossHeadProps {
  /**
   * How the cells become one vector; a mean hides where the tiles are.
   */
  pool?: 'flatten' | 'weighted' | 'attention' | 'cls' | 'mean' | 'max' | 'sum'
  /**
   * Hidden layers, up to 4, each 1 to 4096. Widths of the layers between pooling and output, each with an activation.
   *
   * Items: Numbers of one hidden layer.
   */
  hidden_sizes?: number[]
  /**
   * Activation function between two linear maps.
   */
  activation?: 'gelu' | 'relu' | 'silu' | 'tanh' | 'leaky_relu' | 'elu' | 'sigmoid'
  /**
   * What it predicts: empty cells, the largest tile, pairs that could merge, or which moves are legal.
   */
  target?: 'empty_cells' | 'largest_exponent' | 'merge_count' | 'legal_moves'
  /**
   * Weight, 0 to 10. Its loss counts this much.
   */
  coef?: number
  /**
   * Learns from the network without changing it.
   */
  detach?: boolean
}
/**
 * While training, computes the block before it twice to save memory. While training, recomputes the component that feeds it in the backward pass: same numbers, less memory. By `torch.utils.checkpoint.checkpoint(use_reentrant=False)`, with the random state kept: dropout drops the same values. It recomputes only in training mode: the exported `.py` keeps it for further training, and the `.onnx` has nothing of it.
 */
export type GradCheckpointProps = Record<string, never>

/** What a component says its block is. */
export type BlockType = keyof PropsOfBlocks

/** A component with the properties of its block. */
export type BlockComponent = {
  [Type in BlockType]: Omit<Component, 'type' | 'props'> & { type: Type; props?: PropsOfBlocks[Type] }
}[BlockType]
