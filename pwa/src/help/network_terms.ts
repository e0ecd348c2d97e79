/** Terms of networks: blocks, shapes, and what a network computes. */

import type { Term } from './term'

export const NETWORK_TERMS: readonly Term[] = [
  {
    name: 'parameters',
    also: ['parameter', 'params', 'weights'],
    text: 'The numbers of a network that training changes. More of them can hold more knowledge, but every move then takes more time and memory.',
  },
  {
    name: 'active parameters',
    text: 'The parameters that one cell really passes through. In a mixture of experts they are fewer than all, since only some experts work on each cell or board.',
  },
  {
    name: 'pattern',
    also: ['patterns'],
    text: 'A few cells of the board whose tiles are looked up together in a table. All tiles that these cells can hold have an entry of their own there.',
  },
  {
    name: 'multiply-adds',
    also: ['multiply-add', 'multiplications'],
    text: 'One multiplication and one addition, the work that a network mostly consists of. The fewer it needs for a board, the more moves it plays in the same time.',
  },
  {
    name: 'shape',
    also: ['shapes'],
    text: 'The sizes of the tensor that a connection carries: (B, 16, d) means B boards at once, 16 cells each, and d numbers for each cell. A block fits where it gets a shape that it can work on.',
  },
  {
    name: 'tensor',
    also: ['tensors'],
    text: 'A table of numbers with any number of dimensions. Every connection of a design carries one.',
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
    name: 'one_hot',
    also: ['one-hot'],
    text: 'A cell as a row of zeros with a single one, whose place says which tile is there. It has no parameters.',
  },
  {
    name: 'grouped-query attention',
    also: ['grouped-query', 'query', 'queries'],
    text: 'Attention in which several heads share what is looked up, and each asks for something else. It has fewer parameters.',
  },
  {
    name: 'batch norm',
    also: ['batch_norm', 'batch'],
    text: 'Scales numbers by the mean and spread over all boards that are computed together, so one board changes what another gets. A layer norm uses one board alone.',
  },
  {
    name: 'squeeze-and-excitation',
    also: ['SE block'],
    text: 'A look at the whole board that turns each number of its cells up or down. It is an example of a gate.',
  },
  {
    name: 'AlphaZero',
    text: 'A program that learned board games by playing against itself. Its network is a tower of convolutions with two outputs.',
  },
  {
    name: 'SwiGLU',
    text: 'An activation function with a linear map of its own, by whose output it multiplies. It often learns better than others of the same width, and costs half as much again.',
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
    also: ['head', 'heads', 'attends', 'attend', 'self-attention'],
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
    text: 'One of several small networks that stand side by side in a mixture of experts. Each cell, or each board, is worked on by only a few of them.',
  },
  {
    name: 'mixture of experts',
    also: ['mixture', 'mixtures', 'moe'],
    text: 'Several small networks side by side, of which only a few work on each cell or board. So a network can hold more without more work for each board.',
  },
  {
    name: 'router',
    also: ['routers', 'routing', 'routed', 'unrouted'],
    text: 'Decides which experts work on which cell or board. It learns this together with the experts.',
  },
  {
    name: 'gate',
    also: ['gates'],
    text: 'How much the answer of an expert counts for a cell or board. The router computes it.',
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
    name: 'matrix',
    also: ['matrices', 'matrix products'],
    text: 'A table of numbers. Multiplying by one is the main work of a network.',
  },
  {
    name: 'logarithm',
    also: ['ln', 'log'],
    text: 'The number of doublings, or of another fixed step, that lead to a number. It makes very large and very small numbers comparable.',
  },
  {
    name: 'cycle',
    also: ['cycles'],
    text: 'Connections that lead back to where they began. A network may not have one, since nothing could be computed first.',
  },
  {
    name: 'edge',
    also: ['edges', 'wire', 'wires'],
    text: 'The word of design files for a connection from one block to the next. It carries what the first block computes.',
  },
]
