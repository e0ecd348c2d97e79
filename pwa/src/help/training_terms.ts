/** Terms of training: algorithms, games, and what is measured. */

import type { Term } from './term'

export const TRAINING_TERMS: readonly Term[] = [
  {
    name: 'expectimax',
    also: ['with search', 'without search'],
    text: 'Search before a move: the network looks one or two moves ahead, at every new tile that can come and its best answer to each. It plays better so, and takes longer.',
  },
  {
    name: 'successive halving',
    also: ['ASHA'],
    text: 'A way to try many variants in little time: all train a little, and only the best third goes on, again and again. It can miss a variant that begins slowly.',
  },
  {
    name: 'parallel coordinates',
    text: 'A plot with one upright line for each property and one for the score. Each run is a path across them, so that one sees which values lead to high scores.',
  },
  {
    name: 'policy',
    also: ["policy's"],
    text: 'What chooses the moves: for every board it gives a probability to each of the four. PPO trains it directly.',
  },
  {
    name: 'PPO',
    also: ['proximal policy optimization'],
    text: 'Proximal policy optimization: the network tries moves and makes those that turned out well more likely. It does so in small steps, so that it does not forget what works.',
  },
  {
    name: 'afterstate TD',
    also: ['TD', 'temporal difference'],
    text: 'The network learns what a board is worth right after a move, before the new tile appears. It then plays the move that leads to the best such board.',
  },
  {
    name: 'temporal coherence',
    also: ['tc'],
    text: 'A way to learn tables in which each entry has a rate of its own. Entries whose errors have one sign learn quickly, those whose errors cancel out hardly change.',
  },
  {
    name: 'afterstate',
    also: ['afterstates'],
    text: 'The board right after a move, before the new tile appears. It follows from the move alone, which makes it easier to judge.',
  },
  {
    name: 'reward',
    also: ['rewards'],
    text: 'What a move earns, here made of the points of its merges. Training looks for moves that earn more in the long run.',
  },
  {
    name: 'discounted return',
    text: 'All rewards from one move to the end of the game, later ones counting less. The value of a board is the return that is expected from it.',
  },
  {
    name: 'advantage',
    also: ['advantages', 'GAE', "GAE's"],
    text: 'How much better a move turned out than was expected before it. Generalized advantage estimation (GAE) computes it from several moves ahead.',
  },
  {
    name: 'rollout',
    also: ['rollouts'],
    text: 'The moves that all parallel games play before the network learns from them. Then the next one begins with the improved network.',
  },
  {
    name: 'minibatch',
    also: ['minibatches'],
    text: 'The boards that one step of learning uses together. Larger ones give steadier steps, smaller ones more steps.',
  },
  {
    name: 'microbatch',
    also: ['microbatches'],
    text: 'The part of a minibatch that is computed at once. Smaller ones need less memory and give the same result.',
  },
  {
    name: 'epoch',
    also: ['epochs'],
    text: 'One pass over the moves of a rollout. More passes learn more from the same moves, but may follow them too closely.',
  },
  {
    name: 'loss',
    also: ['losses', 'value loss', 'policy loss'],
    text: 'A number that says how wrong the network was; training makes it smaller. Losses of different runs cannot be compared, scores can.',
  },
  {
    name: 'surrogate',
    also: ['surrogate loss', 'clipped surrogate'],
    text: 'What PPO improves in place of the score, which has no gradient. It only counts changes of the policy up to the clip range.',
  },
  {
    name: 'gradient',
    also: ['gradients', 'gradient step', 'gradient steps'],
    text: 'For every parameter, which way and how strongly the loss changes with it. Training moves each parameter a small step the other way.',
  },
  {
    name: 'optimizer',
    also: ['Adam', "Adam's", 'moments'],
    text: 'The rule that turns gradients into steps; here it is Adam. Adam keeps two averages for each parameter, its moments, which take memory too.',
  },
  {
    name: 'learning rate',
    also: ['learning rates', 'step size'],
    text: 'How large the steps of learning are. Too large and the network forgets what it knew; too small and it learns slowly.',
  },
  {
    name: 'entropy',
    also: ["policy's entropy"],
    text: 'How undecided a choice is: 0 when it is always the same, largest when everything is equally likely. A policy needs some of it to try new moves.',
  },
  {
    name: 'KL divergence',
    also: ['KL', 'divergence'],
    text: 'How far a policy has moved from the one that played the moves. When it grows too large, an update ends early.',
  },
  {
    name: 'variance',
    text: 'How far numbers are spread around their mean. Explained variance says which part of it a prediction gets right.',
  },
  {
    name: 'EMA',
    also: ['exponential moving average', 'moving average'],
    text: 'An average in which newer values count more. Test games and exports use such an average of the parameters, since it plays more evenly.',
  },
  {
    name: 'importance sampling',
    also: ['importance-sampled'],
    text: 'Moves that teach more are chosen more often. Each then counts for less, so that the result stays the same on average.',
  },
  {
    name: 'episode',
    also: ['episodes'],
    text: 'One game from its start to its end. Statistics of training often count them.',
  },
  {
    name: 'environment',
    also: ['environment step', 'environment steps'],
    text: 'The game as training sees it: it takes a move and gives back the next board and the reward. One move is one environment step.',
  },
  {
    name: 'seed',
    also: ['seeds', 'seeded'],
    text: 'The number that random numbers begin with. With the same one the same tiles appear.',
  },
  {
    name: 'greedy',
    also: ['greedy play', 'greedy rule'],
    text: 'Always takes what looks best now: a network its likeliest move, the simple rule the move with the most points. Nothing is left to chance.',
  },
  {
    name: 'sampled',
    also: ['sampled play'],
    text: 'The move is drawn by chance, likely moves more often. So a network plays while it learns.',
  },
  {
    name: 'test games',
    also: ['test game', 'test score'],
    text: 'Games that are played apart from training, always from the same seeds. Their mean score says how well a network plays.',
  },
  {
    name: 'median',
    also: ['medians'],
    text: 'The value in the middle: half of the games scored more, half less. One very good game does not change it.',
  },
  {
    name: 'quartile',
    also: ['quartiles', 'quartile band', 'percentile', 'percentiles'],
    text: 'A quarter of all games scored less than the lower quartile, a quarter more than the upper one. Between them lies the middle half.',
  },
  {
    name: 'position sensitivity',
    also: ['sensitivity', 'permutation sensitivity'],
    text: 'How much the moves change when the tiles of a board are shuffled. Near 0, the network does not see where tiles lie.',
  },
  {
    name: 'checkpoint',
    also: ['checkpoints'],
    text: 'A saved state of a run with everything that is needed to go on from there. Exports are made from one.',
  },
  {
    name: 'recompute',
    also: ['recomputed', 'recomputes', 'gradient checkpointing'],
    text: 'Some results are computed a second time instead of being kept. That saves memory and costs time.',
  },
  {
    name: 'diverged',
    also: ['diverges', 'diverge'],
    text: 'The numbers of a network grew beyond all bounds, so that nothing more can be learned. A smaller learning rate usually helps.',
  },
  {
    name: 'symmetries',
    also: ['symmetry', 'symmetric'],
    text: 'A board can be turned and mirrored in eight ways that mean the same. A network can learn from all of them, and look at several before it moves.',
  },
  {
    name: 'auxiliary loss',
    also: ['auxiliary', 'auxiliary losses'],
    text: 'In training the network also learns to tell a fact about the board, such as how many cells are empty. That may help it to read boards; it is not needed in play.',
  },
  {
    name: 'clip range',
    also: ['clip', 'clipped'],
    text: 'How far one update may change the probability of a move. What goes beyond it no longer counts.',
  },
  {
    name: 'ratio',
    also: ['policy ratio', 'probability ratio'],
    text: 'The probability of a move now, divided by that when it was played. It is 1 before the first step of an update.',
  },
  {
    name: 'iteration',
    also: ['iterations'],
    text: 'One rollout and all that is learned from it. A run is many of them, one after another.',
  },
]
