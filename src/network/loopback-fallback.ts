// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { EventDraft } from '../events/engine-event.js'

type Reason = Pick<EngineError, 'message'> & { readonly hint: string }

// What a kernel without bridges or nftables, or a caller who may not make them, answers with.
const lacking = new Set([
  'EACCES',
  'EAFNOSUPPORT',
  'ENODEV',
  'ENOENT',
  'ENOPROTOOPT',
  'ENOSPC',
  'ENOSYS',
  'EOPNOTSUPP',
  'EPERM',
  'EPROTONOSUPPORT',
  'EROFS',
])

const hint = "Engine.probe() says what networks lack here and how to get it; network: 'none' does without"

/** The failure of a network that this host cannot have, or undefined where it is of another kind. */
export function hostLacksNetworks(error: unknown): EngineError | undefined {
  if (!EngineError.is(error) || error.errno === undefined || !lacking.has(error.errno)) return undefined
  // Of a macvlan it may be the parent that is not there.
  if (error.code === 'ERR_INVALID_ARGUMENT') return undefined
  const { step, errno, object } = error
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `containers cannot be put on networks here: ${error.message}`,
    step,
    errno,
    object,
    hint,
    cause: error,
  })
}

/**
 * Containers that name no network have loopback only where they cannot be on the one of all. The engine says so once for each reason; what
 * the host lacks is not asked again.
 */
export class LoopbackFallback {
  readonly #publish: (event: EventDraft) => void
  readonly #said = new Set<string>()
  #lacks = false

  constructor(publish: (event: EventDraft) => void) {
    this.#publish = publish
  }

  /** Whether the host was found to have no networks. */
  get lacksNetworks(): boolean {
    return this.#lacks
  }

  /** The host has no networks at all. */
  forLack(error: EngineError): void {
    this.#lacks = true
    this.#say({ message: `containers that name no network have loopback only: ${error.message}`, hint })
  }

  #say(reason: Reason): void {
    if (this.#said.has(reason.message)) return
    this.#said.add(reason.message)
    this.#publish({ type: 'warning', code: 'ERR_UNSUPPORTED', ...reason })
  }
}
