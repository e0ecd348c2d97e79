/** Which edits nobody has any more: they were only on phones and a server that were all put back. */
import { includes, type Known, type Ledger } from './ledger'

/** Do not expect an edit at the end that is left in no place; `left` is what all places together have of a design. */
export function forgiveLost(ledger: Ledger, left: (design: string) => Known): void {
  const known = new Map<string, Known>()
  for (const write of ledger.writes) {
    const all = known.get(write.design) ?? left(write.design)
    known.set(write.design, all)
    if (!includes(all, write.number)) write.optional = true
  }
}
