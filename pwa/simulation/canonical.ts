/** Documents as texts that are equal exactly when the documents are. */

export { canonical } from '../src/lib/canonical'
