// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { type NativeFailure, type NativeFailureContext, nativeError } from '../errors/native-failure.js'
import { onAbort } from '../util/abort.js'
import { delay } from '../util/delay.js'
import { type Channel, openChannel } from './channel.js'
import { decodeMessage } from './decode-message.js'
import { OwnedDescriptor } from './descriptor.js'
import { encodeRequest } from './encode-request.js'
import type { EventMessage, OperationName, Operations } from './messages.js'

export interface ConnectionOptions {
  /** Called for every event, in order, if `hello` asked for them. */
  readonly onEvent?: ((event: EventMessage) => void) | undefined
  /** Called once when the other side is gone; never after {@link Connection.close} or {@link Connection.leave}. */
  readonly onLost?: ((error: EngineError) => void) | undefined
}

export interface RequestOptions<O extends OperationName> {
  /** Descriptors the arguments name by position. They stay the caller's and may be closed once `request` has returned. */
  readonly fds?: readonly number[] | undefined
  /** Aborted before: nothing is sent. Aborted during: the request is cancelled, and rejects with the reason when it has ended. */
  readonly signal?: AbortSignal | undefined
  /** Called for what comes before the result; owns the descriptors. */
  readonly onProgress?: ((progress: Operations[O]['progress'], fds: readonly OwnedDescriptor[]) => void) | undefined
  /** False: the wait for the answer does not keep the process alive. */
  readonly ref?: boolean | undefined
  /** What the caller knows for the wording of a failure. */
  readonly failure?: NativeFailureContext | undefined
}

export interface Reply<O extends OperationName> {
  readonly result: Operations[O]['result']
  /** The caller's from now on. */
  readonly fds: readonly OwnedDescriptor[]
}

interface Pending {
  readonly resolve: (reply: Reply<OperationName>) => void
  readonly reject: (reason: unknown) => void
  readonly options: RequestOptions<OperationName>
  stopListening: () => void
  /** Set when the caller has its answer already: what still comes is dropped. */
  settled: boolean
}

// What only waits, or cannot be taken back: an abort ends the wait at once.
const abandoned: ReadonlySet<OperationName> = new Set<OperationName>(['hello', 'wait', 'stop', 'exec.wait'])

/** The conversation with a supervisor or a monitor (docs/protocol.md). Keeps the process alive only while somebody waits for an answer. */
export class Connection {
  readonly #channel: Channel
  readonly #options: ConnectionOptions
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #waiting = 0
  #ended: EngineError | undefined
  /** Set while it ends: whatever is still heard is of no interest but the end itself. */
  #left: (() => void) | undefined

  /** Connects to the socket at that path. */
  constructor(path: string, options: ConnectionOptions = {}) {
    this.#options = options
    this.#channel = openChannel(
      path,
      (text, fds) => this.#receive(text, fds),
      (errno) => this.#lose(errno),
    )
  }

  get closed(): boolean {
    return this.#ended !== undefined
  }

  /**
   * Sends a request and waits for its end.
   * Rejects with the failure as an EngineError, with the signal's reason, or with ERR_SUPERVISOR_LOST or ERR_ENGINE_CLOSED.
   */
  request<O extends OperationName>(
    op: O,
    args: Operations[O]['args'],
    options: RequestOptions<O> = {},
  ): Promise<Reply<O>> {
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted()
      if (this.#ended) throw this.#ended
      const id = ++this.#lastId
      this.#channel.send(encodeRequest(op, args, id), options.fds)
      const pending: Pending = { resolve, reject, options, stopListening: () => {}, settled: false } as Pending
      this.#pending.set(id, pending)
      if (options.ref !== false) this.#countWaiting(1)
      pending.stopListening = onAbort(options.signal, (reason) => this.#abort(id, op, reason))
    })
  }

  /**
   * As {@link Connection.close}, and resolves when the other side has ended it too: it does so once nothing of this process is left there, and leaves
   * itself if this was the last one. After `patienceMs` at the latest, since what was removed may take long to be freed.
   */
  async leave(patienceMs: number): Promise<void> {
    if (this.#ended) return
    const left = new Promise<void>((resolve) => {
      this.#left = resolve
    })
    const sent = this.#sendLeave()
    this.#end(closedError())
    if (sent) {
      this.#channel.setReferenced(true)
      const enough = new AbortController()
      await Promise.race([left, delay(patienceMs, enough.signal).catch(() => {})])
      enough.abort()
    }
    this.#channel.close()
  }

  /** Ends the conversation from this side; what is pending rejects with ERR_ENGINE_CLOSED. */
  close(): void {
    if (this.#ended) return
    this.#channel.close()
    this.#end(closedError())
  }

  #sendLeave(): boolean {
    try {
      this.#channel.send(JSON.stringify({ id: ++this.#lastId, op: 'leave' satisfies OperationName }))
      return true
    } catch {
      // The other side has ended already.
      return false
    }
  }

  #abort(id: number, op: OperationName, reason: unknown): void {
    const pending = this.#pending.get(id)
    if (!pending || this.#ended) return
    // The answer to it says nothing that the end of the request itself does not say.
    this.request('cancel', { request: id }, { ref: false }).catch(() => {})
    if (abandoned.has(op)) this.#settle(pending, () => pending.reject(reason))
  }

  #receive(text: string, numbers: readonly number[]): void {
    const fds = numbers.map((fd) => new OwnedDescriptor(fd))
    const message = decodeMessage(text)
    if (message.kind === 'event' || this.#left) {
      closeAll(fds)
      if (message.kind === 'event' && !this.#left) this.#options.onEvent?.(message.event)
      return
    }
    const pending = message.kind === 'malformed' ? undefined : this.#pending.get(message.id)
    if (message.kind === 'malformed') {
      closeAll(fds)
      this.#channel.close()
      this.#lose(71)
    } else if (message.kind === 'progress') {
      if (pending?.options.onProgress && !pending.settled) pending.options.onProgress(message.progress, fds)
      else closeAll(fds)
    } else {
      this.#pending.delete(message.id)
      if (pending && !pending.settled) this.#finish(pending, message, fds)
      else closeAll(fds)
    }
  }

  #finish(
    pending: Pending,
    outcome: { readonly result?: unknown; readonly error?: NativeFailure },
    fds: OwnedDescriptor[],
  ): void {
    const { signal, failure } = pending.options
    this.#settle(pending, () => {
      if (signal?.aborted || outcome.error) closeAll(fds)
      if (signal?.aborted) pending.reject(signal.reason)
      else if (outcome.error) pending.reject(nativeError(outcome.error, failure))
      else pending.resolve({ result: outcome.result as never, fds })
    })
  }

  #settle(pending: Pending, answer: () => void): void {
    if (pending.settled) return
    pending.settled = true
    pending.stopListening()
    if (pending.options.ref !== false) this.#countWaiting(-1)
    answer()
  }

  #countWaiting(change: 1 | -1): void {
    const before = this.#waiting
    this.#waiting += change
    if (before === 0 || this.#waiting === 0) this.#channel.setReferenced(this.#waiting > 0)
  }

  #lose(errno: number): void {
    this.#left?.()
    if (this.#ended) return
    const cause = errno === 0 ? undefined : nativeError({ step: 'talk to supervisor', errno })
    const error = new EngineError({
      code: 'ERR_SUPERVISOR_LOST',
      message: 'the supervisor went away, and the containers that belong to this process with it',
      cause,
    })
    this.#end(error)
    this.#options.onLost?.(error)
  }

  #end(error: EngineError): void {
    this.#ended = error
    const pendings = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of pendings) {
      const { signal } = pending.options
      this.#settle(pending, () => pending.reject(signal?.aborted ? signal.reason : error))
    }
  }
}

function closedError(): EngineError {
  return new EngineError({ code: 'ERR_ENGINE_CLOSED', message: 'the connection to the supervisor was closed' })
}

function closeAll(fds: readonly OwnedDescriptor[]): void {
  for (const fd of fds) fd.close()
}
