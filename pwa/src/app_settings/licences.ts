/** The libraries that run on the phone, with their licences; a test compares them with `package.json`. */

interface Library {
  name: string
  licence: string
  /** the package of the npm registry; Python and its packages come with Pyodide */
  npm?: string
}

/** The licence texts of all libraries in the app, written by the build. */
export async function readTexts(): Promise<string> {
  const response = await fetch('/licences.txt')
  if (!response.ok || !response.headers.get('content-type')?.startsWith('text/plain')) throw new Error(`HTTP ${response.status}`)
  return response.text()
}

export const LIBRARIES: readonly Library[] = [
  { name: 'Base UI', licence: 'MIT', npm: '@base-ui/react' },
  { name: 'dagre', licence: 'MIT', npm: '@dagrejs/dagre' },
  { name: 'idb', licence: 'ISC', npm: 'idb' },
  { name: 'lean-qr', licence: 'MIT', npm: 'lean-qr' },
  { name: 'msgspec', licence: 'BSD-3-Clause' },
  { name: 'ONNX Runtime Web', licence: 'MIT', npm: 'onnxruntime-web' },
  { name: 'Pyodide', licence: 'MPL-2.0', npm: 'pyodide' },
  { name: 'Python', licence: 'PSF-2.0' },
  { name: 'React', licence: 'MIT', npm: 'react' },
  { name: 'React DOM', licence: 'MIT', npm: 'react-dom' },
  { name: 'React Flow', licence: 'MIT', npm: '@xyflow/react' },
  { name: 'uPlot', licence: 'MIT', npm: 'uplot' },
  { name: 'Workbox core', licence: 'MIT', npm: 'workbox-core' },
  { name: 'Workbox precaching', licence: 'MIT', npm: 'workbox-precaching' },
  { name: 'Workbox routing', licence: 'MIT', npm: 'workbox-routing' },
  { name: 'Zustand', licence: 'MIT', npm: 'zustand' },
]
