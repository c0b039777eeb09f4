// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { AddressGuard, addressKind } from '../../registry/address-guard.js'
import { bodyOf, dropBody, headerOf } from '../../registry/answer.js'
import { follow } from '../../registry/follow.js'
import { HostSettings } from '../../registry/host-settings.js'
import { Transport } from '../../registry/transport.js'
import { withoutCredentials } from '../git/git-address.js'

/** A file of the web that is on its way. */
export interface WebFile {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Seconds since 1970; 0 where the server does not say. */
  readonly modified: number
}

/** Where a build downloads from. */
export interface WebReach {
  /** Whether that may be this machine itself, or its link: as commands may, that have the host's network. */
  readonly hostNetwork: boolean
  /** The most that a file may have, in bytes. */
  readonly maxBytes?: number | undefined
}

const maxBytes = 64 * 1024 ** 3

/**
 * Downloads what ADD names, by the proxies of the environment. A Dockerfile and a server that redirects are strangers: they lead by http and
 * https alone, and neither to this machine nor to the services of its cloud, whatever names and redirects say; see decision 39.
 */
export class WebFiles {
  readonly #reach: WebReach
  readonly #transport = new Transport(new HostSettings())

  constructor(reach: WebReach) {
    this.#reach = reach
  }

  /** ERR_ADD_FAILED where it cannot be had, or is larger than any file may be. */
  async get(text: string, signal: AbortSignal): Promise<WebFile> {
    try {
      const url = new URL(text)
      const headers = { 'accept-encoding': 'identity', ...credentialsOf(url) }
      const guard = this.#reach.hostNetwork ? undefined : AddressGuard.allowing([], refuse(text))
      const answer = await follow(this.#transport, { method: 'GET', url, headers, guard, signal })
      if (answer.status < 200 || answer.status > 299) {
        await dropBody(answer)
        throw new Error(`the server answered ${answer.status}`)
      }
      const date = Date.parse(headerOf(answer, 'last-modified') ?? '')
      return { chunks: this.#limited(text, bodyOf(answer)), modified: Number.isNaN(date) ? 0 : Math.floor(date / 1000) }
    } catch (cause) {
      signal.throwIfAborted()
      throw failed(text, cause)
    }
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  async *#limited(url: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const most = this.#reach.maxBytes ?? maxBytes
    let size = 0
    for await (const chunk of failingAs(url, chunks)) {
      size += chunk.byteLength
      if (size > most) throw failed(url, new Error(`it has more than ${most} bytes`))
      yield chunk
    }
  }
}

async function* failingAs(url: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    throw EngineError.is(cause) ? failed(url, cause) : cause
  }
}

function credentialsOf(url: URL): Readonly<Record<string, string>> {
  if (url.username === '') return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

const refuse = (text: string) => (hostname: string, kind: Parameters<typeof addressKind>[0]) =>
  new EngineError({
    code: 'ERR_ADD_FAILED',
    message: `${quoted(withoutCredentials(text), 300)} cannot be fetched: it leads to ${hostname}, which is ${addressKind(kind)}`,
    hint: "a build has no business there, unless you give it the host's network: network: 'host'",
    object: withoutCredentials(text),
  })

function failed(text: string, cause: unknown): EngineError {
  if (EngineError.is(cause, 'ERR_ADD_FAILED')) return cause
  const url = withoutCredentials(text)
  return new EngineError({
    code: 'ERR_ADD_FAILED',
    message: `${quoted(url, 300)} cannot be fetched: ${cause instanceof Error ? cause.message : String(cause)}`,
    object: url,
    cause,
  })
}
