/** What technical words mean, in two plain sentences each; words of blocks, settings, metrics and algorithms come from their tables. */

export interface Term {
  name: string
  /** other spellings and words for the same */
  also?: readonly string[]
  text: string
}

export const TERMS: readonly Term[] = [
  {
    name: 'parameters',
    also: ['parameter', 'params', 'weights'],
    text: 'The numbers of a network that training changes. More of them can hold more knowledge, but every move then takes more time and memory.',
  },
  {
    name: 'active parameters',
    text: 'The parameters that one cell really passes through. In a mixture of experts they are fewer than all, since only some experts work on each cell.',
  },
  {
    name: 'multiply-adds',
    also: ['multiply-add', 'multiplications'],
    text: 'One multiplication and one addition, the work that a network mostly consists of. The fewer it needs for a board, the more moves it plays in the same time.',
  },
  {
    name: 'shape',
    also: ['shapes'],
    text: 'The sizes of what a wire carries: (B, 16, d) means B boards at once, 16 cells each, and d numbers for each cell. A block fits where it gets a shape that it can work on.',
  },
  {
    name: 'tensor',
    also: ['tensors'],
    text: 'A table of numbers with any number of dimensions. Every wire of a design carries one.',
  },
  {
    name: 'vector',
    also: ['vectors'],
    text: 'A row of numbers that together stand for one thing, such as one cell of the board. Its length is called its width.',
  },
  {
    name: 'token',
    also: ['tokens'],
    text: 'The vector that stands for one cell of the board. A network that works on cells carries sixteen of them for each board.',
  },
  {
    name: 'exponent',
    also: ['exponents', 'tile exponents'],
    text: 'The power of two that a tile stands for: 3 for 8, 11 for 2048. Networks read boards in this form, with 0 for an empty cell.',
  },
  {
    name: 'layer',
    also: ['layers'],
    text: 'One step of a network, from what it gets to what it passes on. A deep network has many of them, one after another.',
  },
  {
    name: 'linear map',
    also: ['linear maps', 'linear layer', 'linear layers'],
    text: 'Multiplies a vector by a table of learned numbers. It can mix all numbers of the vector, and make it longer or shorter.',
  },
  {
    name: 'feed-forward network',
    also: ['feed-forward networks', 'feed-forward'],
    text: 'Two linear maps with an activation function between them. It works on each cell by itself.',
  },
  {
    name: 'activation function',
    also: ['activation functions', 'gelu', 'relu', 'silu', 'tanh', 'elu', 'leaky relu'],
    text: 'A simple curve that every number is sent through, such as ReLU, which turns negative numbers into zero. Without one between them, two linear maps would be no more than one.',
  },
  {
    name: 'activations',
    text: 'What the blocks compute for a board, kept until the gradients are worked out. In training they often take more memory than the parameters.',
  },
  {
    name: 'transformer',
    also: ['transformers'],
    text: 'A network in which all cells look at each other by attention, layer after layer. Language models are built this way.',
  },
  {
    name: 'attention',
    also: ['heads', 'attends', 'attend', 'self-attention'],
    text: 'Each cell looks at all cells and takes more from those that matter to it. Several heads do this side by side, each in its own way.',
  },
  {
    name: 'residual',
    text: 'What went into a block is added to what comes out of it. The block then only has to learn the difference, which makes deep networks easier to train.',
  },
  {
    name: 'norm',
    also: ['norms', 'normalise', 'normalised', 'normalises', 'normalisation'],
    text: 'Brings numbers to a common size, so that none of them drowns the others. The norm of a vector or of all gradients is its length.',
  },
  {
    name: 'pooling',
    also: ['pools', 'flatten', 'flattening'],
    text: 'Makes one vector of the vectors of all cells. Flattening keeps where each tile lies; a mean forgets it.',
  },
  {
    name: 'expert',
    also: ['experts'],
    text: 'One of several small networks that stand side by side in a mixture of experts. Each cell is worked on by only a few of them.',
  },
  {
    name: 'mixture of experts',
    also: ['mixture', 'mixtures', 'moe'],
    text: 'Several small networks side by side, of which only a few work on each cell. So a network can hold more without more work for each board.',
  },
  {
    name: 'router',
    also: ['routers', 'routing', 'routed', 'unrouted'],
    text: 'Decides which experts work on which cell. It learns this together with the experts.',
  },
  {
    name: 'gate',
    also: ['gates'],
    text: 'How much the answer of an expert counts for a cell. The router computes it.',
  },
  {
    name: 'top-k',
    text: 'The best k of several: here the experts with the highest scores for a cell. All others do not work on it.',
  },
  {
    name: 'softmax',
    text: 'Turns any numbers into shares that add up to 1, where the largest number gets the largest share. Probabilities of moves are made this way.',
  },
  {
    name: 'sigmoid',
    text: 'Turns any number into one between 0 and 1. Each number is looked at by itself, unlike with softmax.',
  },
  {
    name: 'logits',
    also: ['logit'],
    text: 'The raw numbers that a network gives to choices, such as the four moves. Softmax makes probabilities of them; the largest is the likeliest.',
  },
  {
    name: 'load-balance loss',
    also: ['load-balance', 'expert balance'],
    text: 'A small penalty for using some experts much more than others. Without it the router may forget most of them.',
  },
  {
    name: 'container',
    also: ['containers', 'ungroup'],
    text: 'A block that holds other blocks. Open it to see and change what is inside.',
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
    name: 'ONNX',
    also: ['.onnx'],
    text: 'An open file format for trained networks that many programs read. The phone plays with such a file.',
  },
  {
    name: 'PyTorch',
    also: ['torch', 'torch.compile', 'torch.nn', '.pt'],
    text: 'The library that trains the networks on the server. Your drawing becomes a module of it, which you can read under Code.',
  },
  {
    name: 'safetensors',
    also: ['.safetensors'],
    text: 'A file format for the parameters of a network. It holds nothing but numbers, so opening it is safe.',
  },
  {
    name: 'bfloat16',
    also: ['bfloat', 'float32'],
    text: 'A number in 16 bits instead of 32, with fewer digits. Some processors multiply such numbers much faster.',
  },
  {
    name: 'CPU',
    also: ['CPUs', 'core', 'cores'],
    text: 'The processor of a computer; its cores work at the same time. More cores train a large network faster.',
  },
  {
    name: 'GPU',
    also: ['GPUs'],
    text: 'A graphics processor, which computes with many numbers at once. It trains large networks much faster than a CPU.',
  },
  {
    name: 'Python',
    text: 'The programming language of the rules that check a design. The app brings its own copy, so checks work without a network too.',
  },
  {
    name: 'WebAssembly',
    also: ['SIMD'],
    text: 'The form in which browsers run large programs such as Python. Play also uses its SIMD part, which handles several numbers at once.',
  },
  {
    name: 'IndexedDB',
    text: 'The storage in the browser where your designs lie. Some browsers switch it off in private windows.',
  },
  {
    name: 'JSON',
    also: ['.json'],
    text: 'A text format for data. A design can be saved in it and opened on another phone.',
  },
  {
    name: 'diverged',
    also: ['diverges', 'diverge'],
    text: 'The numbers of a network grew beyond all bounds, so that nothing more can be learned. A smaller learning rate usually helps.',
  },
  {
    name: 'QR code',
    also: ['QR', 'QR codes'],
    text: 'A square of small black and white fields that a camera reads. It can hold a link with a whole design in it.',
  },
  {
    name: 'https',
    text: 'A secured connection to a server. Browsers let an app be installed and work offline only over it, or on the same machine.',
  },
  {
    name: 'sync',
    also: ['synced', 'syncs'],
    text: 'Brings what is on this phone and on the server to the same state. It happens by itself whenever the server can be reached.',
  },
  {
    name: 'conflict',
    also: ['conflicts'],
    text: 'The same thing was changed in two places before they synced. Both changes are kept until you choose one.',
  },
  {
    name: 'compile',
    also: ['compiles', 'compiled', 'compiling'],
    text: 'Turns the drawing into a PyTorch module on the server and tries it. Training begins with it by itself.',
  },
  {
    name: 'logarithm',
    also: ['ln', 'log'],
    text: 'The number of doublings, or of another fixed step, that lead to a number. It makes very large and very small numbers comparable.',
  },
  {
    name: 'symmetries',
    also: ['symmetry', 'symmetric'],
    text: 'A board can be turned and mirrored in eight ways that mean the same. A network can learn from all of them, and look at several before it moves.',
  },
  {
    name: 'hidden layer',
    also: ['hidden layers'],
    text: 'Inside the network: neither its input nor its output. Hidden layers compute something between the two.',
  },
  {
    name: 'MLP',
    also: ['multi-layer perceptron'],
    text: 'A multi-layer perceptron: linear maps with activation functions between them, and nothing else. It is the simplest kind of network, and a fast one.',
  },
  {
    name: 'convolution',
    also: ['convolutions', 'conv', 'conv stem'],
    text: 'The same small window slides over the board, so each cell sees its neighbours. A conv stem is one that stands at the beginning of a network.',
  },
  {
    name: 'channel',
    also: ['channels'],
    text: 'One of the numbers that a convolution has for every cell. It turns some channels into others.',
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
  {
    name: 'wire',
    also: ['wires', 'edge', 'edges'],
    text: 'A connection from one block to the next; files call it an edge. It carries what the first block computes.',
  },
  {
    name: 'cycle',
    also: ['cycles'],
    text: 'Wires that lead back to where they began. A network may not have one, since nothing could be computed first.',
  },
  {
    name: 'module',
    also: ['modules'],
    text: 'A part of a PyTorch program that holds parameters and computes something with them. Your whole design becomes one.',
  },
  {
    name: 'runtime',
    text: 'The program that computes what a trained network answers. Play loads it once and keeps it on the phone.',
  },
  {
    name: 'schema version',
    also: ['schema_version'],
    text: 'The number of the form in which a design is stored. An app that is too old for a number asks for an update.',
  },
  {
    name: 'matrix',
    also: ['matrices', 'matrix products'],
    text: 'A table of numbers. Multiplying by one is the main work of a network.',
  },
]
