import { describe, expect, it } from 'vitest'
import { blockKinds } from '../document/catalogue'
import { keywordsOf } from '../document/keywords'
import { groupsFor, searchFor } from './palette'

const ALL = blockKinds.map(({ type }) => type)
const titles = blockKinds.map(({ title }) => title).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
const anywhere = { fitting: undefined, hasInput: false }

/** Words that people use, and the block that each must offer first. */
const USUAL_WORDS: Record<string, string> = {
  dense: 'linear',
  'fully connected': 'linear',
  mlp: 'linear',
  projection: 'linear',
  residual: 'add',
  'skip connection': 'add',
  shortcut: 'add',
  sum: 'add',
  multihead: 'attention',
  'multi-head attention': 'attention',
  'self attention': 'attention',
  mha: 'attention',
  layernorm: 'layer_norm',
  'Layer Norm': 'layer_norm',
  rmsnorm: 'rms_norm',
  normalisation: 'layer_norm',
  flatten: 'pool',
  average: 'pool',
  'global pooling': 'pool',
  position: 'embedding',
  'lookup table': 'n_tuple',
  'positional encoding': 'embedding',
  token: 'embedding',
  lookup: 'embedding',
  share: 'subnetwork',
  reuse: 'subnetwork',
  'weight tying': 'subnetwork',
  loop: 'repeat',
  recurrent: 'repeat',
  policy: 'action_output',
  logits: 'action_output',
  actor: 'action_output',
  critic: 'value_output',
  value: 'value_output',
  baseline: 'value_output',
  head: 'action_output',
  GLU: 'activation',
  relu: 'activation',
  softmax: 'action_output',
  moe: 'moe_layer',
  experts: 'moe_layer',
  gating: 'moe_layer',
  'top-k': 'load_balance_router',
  cnn: 'conv2d',
  kernel: 'conv2d',
  encoder: 'transformer_layer',
  ffn: 'moe_layer',
  cat: 'concat',
  merge: 'concat',
  observation: 'board_input',
  regularization: 'dropout',
  auxiliary: 'aux_loss_head',
  recompute: 'grad_checkpoint',
  SwiGLU: 'multiply',
  times: 'multiply',
  expand: 'broadcast',
  maxpool: 'max_pool2d',
}

describe('the search', () => {
  it.each(Object.entries(USUAL_WORDS))('offers for "%s" first %s', (word, type) => {
    expect(searchFor(word, anywhere)[0]?.block.type).toBe(type)
  })

  it('asks for forty words at least, and leaves no block out', () => {
    expect(Object.keys(USUAL_WORDS).length).toBeGreaterThanOrEqual(40)
    expect(new Set(Object.values(USUAL_WORDS))).toEqual(new Set(ALL))
  })

  it('finds every block by its title, by each keyword and by its description', () => {
    for (const { type, title, summary } of blockKinds) {
      expect(searchFor(title.toUpperCase(), anywhere)[0]?.block.type).toBe(type)
      const words = [...keywordsOf(type), summary.split(' ').slice(0, 3).join('  ')]
      for (const word of words) expect(searchFor(word, anywhere).map(({ block }) => block.type)).toContain(type)
    }
    for (const nothing of ['no such thing anywhere', '?!', ' ']) expect(searchFor(nothing, anywhere)).toEqual([])
  })

  it('ranks title before keyword before description, and says which keyword it was', () => {
    const found = searchFor('value', anywhere)
    expect(found[0]).toEqual({ block: expect.objectContaining({ type: 'value_output' }) })
    const byKeyword = searchFor('heads', anywhere).find(({ block }) => block.type === 'attention')
    expect(byKeyword?.keyword).toBe('heads')
  })

  it('puts what fits first among blocks that match equally well', () => {
    const fitting = new Set(['transformer_layer'])
    expect(searchFor('residual', { fitting, hasInput: true })[0]?.block.type).toBe('transformer_layer')
  })
})

describe('the list', () => {
  it('has every block by title while it is not known what fits', () => {
    const [group, ...more] = groupsFor(anywhere)
    expect(more).toEqual([])
    expect(group?.blocks.map(({ block }) => block.title)).toEqual(titles)
  })

  it('has what fits first, then the others, each by title', () => {
    const groups = groupsFor({ fitting: new Set(['linear', 'add', 'gone']), hasInput: false })
    expect(groups.map(({ title }) => title)).toEqual(['fits here', 'other blocks'])
    expect(groups[0]?.blocks.map(({ block }) => block.title)).toEqual(['Add', 'Linear'])
    const others = groups[1]?.blocks.map(({ block }) => block.title)
    expect(others).toEqual(titles.filter((title) => title !== 'Add' && title !== 'Linear'))
  })

  it('offers a second input last', () => {
    const fitting = new Set(blockKinds.filter(({ kind }) => kind === 'input' || kind === 'tokens').map(({ type }) => type))
    const last = (hasInput: boolean) => groupsFor({ fitting, hasInput })[0]?.blocks.at(-1)?.block.max_inputs
    expect(last(true)).toBe(0)
    expect(last(false)).not.toBe(0)
  })
})
