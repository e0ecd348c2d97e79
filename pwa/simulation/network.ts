/** The network between phones and the server: what it loses, repeats, delays and garbles, and what has arrived. */
import type { SyncRequest, SyncResponse } from '../src/generated/wire'
import { canonical } from './canonical'
import { includes, type Known, type Ledger } from './ledger'
import type { Phone } from './phone'
import type { Random } from './random'
import type { Recorded, Server, Violation } from './server'

/** What the documents of the answers of one sync include, by design and text. */
type Answers = Map<string, Map<string, Known>>

/** A call on its way: what each of its documents includes, in their order. */
interface Call {
  phone: string
  body: string
  request: SyncRequest
  known: Known[]
}

interface Delivery {
  status: number
  body: string
  /** where the status is 200 */
  response?: SyncResponse
  /** what the server's versions include after the call */
  known: Map<string, Known>
}

/** The shares of faults; those of calls add up to more than one, since a call may be doubled, late and unanswered at once. */
const SHARES = { lostRequest: 0.2, lostAnswer: 0.25, doubled: 0.15, late: 0.15, garbled: 0.01, crash: 0.004, editDuring: 0.25 }

/** The edits of a design that a call includes. */
function knownInCall({ request, known }: Call, id: string): Known {
  const designs = request.designs ?? []
  return designs.reduce((all, design, at) => (design.id === id ? all | (known[at] ?? 0n) : all), 0n)
}

/** What happens beside the network during a call. */
interface Beside {
  random: Random
  ledger: Ledger
  server: Server
  count: (what: string) => void
  log: (line: string) => void
  /** whether every call is logged */
  trace: boolean
  crashServer: () => Promise<void>
  editDuring: (phone: Phone) => Promise<void>
}

export class Network {
  /** whether nothing goes wrong any more */
  calm = false
  answers: Answers = new Map()
  /** conflicts in the responses since the data were last put back */
  reported: Recorded[] = []
  /** what the server's version of each design includes */
  onServer = new Map<string, Known>()
  /** calls that the server did not answer with 200, which none of these phones gives a reason for */
  readonly failures: Violation[] = []
  private readonly late: Call[] = []

  constructor(private readonly beside: Beside) {}

  get hasLate(): boolean {
    return this.late.length > 0
  }

  /** What late calls include of a design. */
  lateKnown(id: string): Known {
    return this.late.reduce((all, call) => all | knownInCall(call, id), 0n)
  }

  /** What a phone gets for a call. */
  async fetch(phone: Phone, body: string): Promise<Response> {
    const { random, crashServer, count } = this.beside
    const request = JSON.parse(body) as SyncRequest
    const known = request.designs?.map(({ id, work }) => phone.knownOf(id, work)) ?? []
    const call: Call = { phone: phone.name, body, request, known }
    if (this.calm) return this.answer(await this.deliver(call))
    if (random.chance(SHARES.late)) this.late.push(call)
    if (random.chance(SHARES.lostRequest)) return this.lose('lost_requests', phone)
    if (random.chance(SHARES.crash)) await crashServer()
    const delivery = await this.deliver(call)
    if (random.chance(SHARES.doubled)) {
      count('doubled')
      await this.deliver(call)
    }
    if (random.chance(SHARES.crash)) await crashServer()
    if (random.chance(SHARES.editDuring)) await this.beside.editDuring(phone)
    if (random.chance(SHARES.lostAnswer)) return this.lose('lost_answers', phone)
    if (random.chance(SHARES.garbled)) return this.garble(phone)
    return this.answer(delivery)
  }

  private lose(what: string, phone: Phone): never {
    this.beside.count(what)
    this.beside.log(`${phone.name}: ${what}`)
    throw new TypeError('network error')
  }

  /** Something else answers: a captive portal, a proxy, half of a response. */
  private garble(phone: Phone): Response {
    this.beside.count('garbled')
    this.beside.log(`${phone.name}: garbled`)
    const json = { headers: { 'content-type': 'application/json' } }
    const others = [
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      () => new Response('', { status: 503 }),
      () => new Response('{"epoch":"e1","cursor":', json),
      () => new Response('{"answer":42}', json),
    ]
    return (this.beside.random.pick(others) as () => Response)()
  }

  /** Hand a call to the server, and note what its versions include from then on. */
  private async deliver({ phone, body, request, known }: Call): Promise<Delivery> {
    this.beside.count('calls')
    const { status, body: text } = await this.beside.server.sync(body)
    if (status !== 200) {
      this.failures.push({ kind: 'call failed', status, phone, answer: text.slice(0, 500) })
      this.beside.log(`  the server answers ${status} to ${phone}: ${text.slice(0, 300)}`)
      return { status, body: text, known: new Map() }
    }
    const response = JSON.parse(text) as SyncResponse
    this.noteArrived(request, response, known)
    for (const { id, conflicts } of response.designs) for (const one of conflicts ?? []) this.report({ ...one, design: id })
    if (this.beside.trace) this.logCall(phone, request, response)
    return { status, body: text, response, known: new Map(this.onServer) }
  }

  private noteArrived(request: SyncRequest, response: SyncResponse, known: Known[]): void {
    const refused = new Set(response.rejected.map(({ id }) => id))
    const forked = new Set(response.designs.filter((design) => design.forked).map(({ id }) => id))
    request.designs?.forEach(({ id }, index) => {
      if (refused.has(id)) this.beside.count('refused')
      if (forked.has(id)) this.beside.count('forked')
      if (refused.has(id) || forked.has(id)) return
      const all = (this.onServer.get(id) ?? 0n) | (known[index] ?? 0n)
      this.onServer.set(id, all)
      for (const write of this.beside.ledger.writes) {
        if (!write.delivered && write.design === id && includes(all, write.number)) write.delivered = true
      }
    })
  }

  private report(record: Recorded): void {
    this.beside.count('conflicts')
    this.reported.push(record)
  }

  private logCall(phone: string, request: SyncRequest, response: SyncResponse): void {
    const asked = request.designs?.map(
      ({ id, change, deleted, base }) => `${id}@${change}${deleted ? ' deleted' : ''}${base ? '' : ' no base'}`,
    )
    const given = response.designs.map(
      ({ id, deleted, forked, conflicts }) =>
        `${id}${deleted ? ' deleted' : ''}${forked ? ' forked' : ''}${conflicts ? ` ${JSON.stringify(conflicts)}` : ''}`,
    )
    const history = `${request.epoch} ${request.cursor} -> ${response.epoch} ${response.cursor} ${response.history}`
    this.beside.log(`  call of ${phone}: ${history}; sent ${asked?.join(', ')}; got ${given.join(', ')}`)
  }

  private answer({ status, body, response, known }: Delivery): Response {
    for (const { id, document } of response?.designs ?? []) {
      const texts = this.answers.get(id) ?? new Map<string, Known>()
      const text = canonical(document ?? null)
      this.answers.set(id, texts.set(text, (texts.get(text) ?? 0n) | (known.get(id) ?? 0n)))
    }
    return new Response(body, { status, headers: { 'content-type': 'application/json' } })
  }

  /** Let one of the late calls arrive. */
  async deliverLate(): Promise<void> {
    const [call] = this.late.splice(this.beside.random.below(this.late.length), 1)
    if (!call) return
    this.beside.log(`a late call of ${call.phone} arrives`)
    this.beside.count('late')
    await this.deliver(call)
  }
}
