// SPDX-License-Identifier: Apache-2.0
import { debugLog } from '../util/debug-log.js'
import { classOfHostname } from './address-class.js'
import { AddressGuard } from './address-guard.js'
import { type Answer, dropBody, headerOf, readBody } from './answer.js'
import type { Authorizer } from './authorizer.js'
import { speaksNoTls } from './connection-failure.js'
import type { Exchange, RequestBody } from './exchange.js'
import { dialledHost, follow } from './follow.js'
import { answerFailure, type Subject } from './registry-failure.js'
import { firstError } from './registry-json.js'
import { parseRetryAfter } from './retry-after.js'
import { withRetries } from './retry-verdict.js'
import { scrub } from './secrets.js'
import type { Transport } from './transport.js'

/** A request to a registry. */
export interface Call {
  readonly method: Exchange['method']
  /** Below the registry (`v2/…`), or the URL that it named for this. */
  readonly path: string | URL
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: RequestBody | undefined
  /** What a token must allow: `repository:library/debian:pull`. */
  readonly scopes: readonly string[]
  /** Statuses that are answers; all others are thrown. */
  readonly expect: readonly number[]
  readonly subject: Subject
  readonly signal: AbortSignal | undefined
  /** 5 by default. */
  readonly attempts?: number | undefined
}

/** Where an endpoint is. */
export interface EndpointOptions {
  readonly transport: Transport
  readonly authorizer: Authorizer
  /** For messages. */
  readonly name: string
  readonly base: URL
  /** The registry that it mirrors. */
  readonly mirrorOf: string | null
  /** Whether http will do where there is no https. */
  readonly plainAllowed: boolean
  /** Endpoints that turned out to speak http, shared by all endpoints of a client. */
  readonly plainHosts: Set<string>
}

const errorLimit = 65_536

/** One place that speaks the distribution API: a registry or a mirror of one, as one identity. */
export class Endpoint {
  readonly #options: EndpointOptions

  constructor(options: EndpointOptions) {
    this.#options = options
  }

  /** For messages. */
  get name(): string {
    return this.#options.name
  }

  get isMirror(): boolean {
    return this.#options.mirrorOf !== null
  }

  get transport(): Transport {
    return this.#options.transport
  }

  /** Its base URL, with what has been found out about the scheme. */
  get base(): URL {
    const { base, plainHosts } = this.#options
    if (!plainHosts.has(base.host)) return base
    const plain = new URL(base)
    plain.protocol = 'http:'
    if (base.port === '') plain.port = ''
    return plain
  }

  /** Sends the call, with credentials when asked for, again when that may help. ERR_REGISTRY_* for whatever is not expected. */
  async call(call: Call): Promise<Answer> {
    const attempts = this.isMirror ? 1 : (call.attempts ?? 5)
    return await withRetries(() => this.#once(call), { attempts, signal: call.signal })
  }

  async #once(call: Call): Promise<Answer> {
    const answer = await this.#authorized(call)
    if (call.expect.includes(answer.status)) return answer
    throw await this.#failure(answer, call)
  }

  async #authorized(call: Call): Promise<Answer> {
    const { authorizer } = this.#options
    let scopes = call.scopes
    for (let tries = 0; ; tries++) {
      const url = this.#urlOf(call)
      const own = url.origin === this.base.origin
      const authorization = own ? await authorizer.header(scopes, this.base, call.signal) : undefined
      const answer = await this.#send(call, url, authorization)
      // Only the registry itself is believed when it asks for credentials: CVE-2020-15157.
      if (answer.status !== 401 || answer.redirected || !own || tries > 1) return answer
      const more = await authorizer.challenged(answer, scopes, authorization)
      if (more === null || (tries === 1 && authorization !== undefined)) return answer
      await dropBody(answer)
      scopes = more
    }
  }

  async #send(call: Call, url: URL, authorization: string | undefined): Promise<Answer> {
    const { transport, plainAllowed, plainHosts } = this.#options
    const headers = { ...call.headers, ...(authorization !== undefined && { authorization }) }
    const { method, body, signal } = call
    // Where it says that an upload goes on is a stranger's word, as a redirect is.
    const elsewhere = url.origin !== this.base.origin
    const guard = elsewhere ? await AddressGuard.of(dialledHost(transport, this.base)) : undefined
    try {
      return await follow(transport, { method, url, headers, body, guard, signal })
    } catch (error) {
      signal?.throwIfAborted()
      const mayBePlain = plainAllowed && url.protocol === 'https:' && url.origin === this.base.origin
      if (!mayBePlain || !speaksNoTls(error)) throw error
      const plain = this.#urlOf(call)
      plain.protocol = 'http:'
      // Not with credentials: what was meant for https stays there.
      const answer = await follow(transport, { method, url: plain, headers: { ...call.headers }, body, signal })
      debugLog('registry: %s speaks http', url.host)
      plainHosts.add(url.host)
      return answer
    }
  }

  #urlOf({ path, query }: Call): URL {
    if (path instanceof URL) return withQuery(new URL(path), query)
    const { mirrorOf } = this.#options
    const url = new URL(`${this.base.href.replace(/\/$/, '')}/${path}`)
    return withQuery(url, { ...query, ...(mirrorOf !== null && { ns: mirrorOf }) })
  }

  async #failure(answer: Answer, call: Call): Promise<Error> {
    const { authorizer, name, mirrorOf } = this.#options
    const said =
      call.method === 'HEAD' ? null : firstError(await readBody(answer, errorLimit).catch(() => Buffer.alloc(0)))
    const secrets = await authorizer.secrets()
    const authenticated = await authorizer.isAuthenticated()
    if (answer.status === 401) authorizer.forget()
    const host = answer.url.origin === this.base.origin ? name : `${answer.url.host} (by redirect from ${name})`
    return answerFailure(
      {
        host: mirrorOf === null ? host : `${host} (mirror of ${mirrorOf})`,
        status: answer.status,
        error: said && { code: scrub(said.code, secrets), message: scrub(said.message, secrets) },
        retryAfterMs: parseRetryAfter(headerOf(answer, 'retry-after')),
        authenticated,
      },
      call.subject,
    )
  }
}

/** Whether http will do for that host: it is this machine, or was allowed. */
export function mayBePlain(base: URL, allowed: boolean | undefined): boolean {
  return allowed === true || classOfHostname(base.hostname) === 'loopback'
}

function withQuery(url: URL, query: Readonly<Record<string, string>> | undefined): URL {
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
  return url
}
