/** Orders from the page to the player worker, and its answers. */
import type { FromPlayer, Order, ToPlayer } from './messages'
import { PlayerError } from './problems'
import type { LoadedNetwork, Problem, Thought } from './types'

/** The part of a `Worker` that is used. */
export interface PlayerPort {
  postMessage(message: ToPlayer, transfer: Transferable[]): void
  terminate(): void
  onmessage: ((event: MessageEvent<FromPlayer>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

type Answer = LoadedNetwork | Thought | null
export type Notice = Extract<FromPlayer, { type: 'shown' | 'painted' | 'problem' }>

/** An order that was not carried out because the network or the rules cannot continue. */
export class OrderFailed extends PlayerError {
  constructor(problem: Problem) {
    super(problem.reason, problem.text)
  }
}

/** One worker, from its start until it is closed or dies. */
export class Connection {
  private lastId = 0
  private readonly waiting = new Map<number, { resolve(value: Answer): void; reject(error: Error): void }>()

  constructor(
    private readonly port: PlayerPort,
    onNotice: (notice: Notice) => void,
    /** called once, with the text of the error; empty where the script could not be loaded */
    private readonly onDeath: (text: string) => void,
  ) {
    port.onmessage = ({ data }) => {
      if (data.type === 'answer' || data.type === 'error') this.settle(data)
      else onNotice(data)
    }
    port.onerror = ({ message }) => {
      this.close('The player stopped.')
      this.onDeath(message ?? '')
    }
  }

  order(order: Order, transfer: Transferable[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastId
      this.waiting.set(id, { resolve, reject })
      this.send({ type: 'order', id, order }, transfer)
    })
  }

  send(message: ToPlayer, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer)
  }

  /** End the worker; orders without an answer are rejected. */
  close(text = 'The network was unloaded.'): void {
    this.port.onmessage = null
    this.port.onerror = null
    this.port.terminate()
    for (const { reject } of this.waiting.values()) reject(new Error(text))
    this.waiting.clear()
  }

  private settle(reply: Exclude<FromPlayer, Notice>): void {
    const order = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if (!order) return
    if (reply.type === 'answer') order.resolve(reply.value)
    else order.reject(reply.problem ? new OrderFailed(reply.problem) : new Error(reply.text))
  }
}
