/** Terms of the app, its files and formats. */

import type { Term } from './term'

export const APP_TERMS: readonly Term[] = [
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
    name: 'QR code',
    also: ['QR', 'QR codes'],
    text: 'A square of small black and white fields that a camera reads. It can hold a link with a whole design in it.',
  },
  {
    name: 'https',
    text: 'A secured connection to a server. Browsers let an app be installed and work offline only over it, or on the same machine.',
  },
  {
    name: 'push service',
    also: ['push services'],
    text: 'The server through which your browser receives messages while the app is closed. It learns that there is a message, not what it says.',
  },
  {
    name: 'sync',
    also: ['synced', 'syncs'],
    text: 'Brings what is on this phone and on the server to the same state. It happens by itself whenever the server can be reached.',
  },
  {
    name: 'telemetry',
    text: 'Notes that an app makes about its own use and its errors. Here they stay on your own server, and none is made before you say yes.',
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
]
