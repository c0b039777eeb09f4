// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../errors/engine-error.js'
import { AddressGuard } from './address-guard.js'
import { type Answer, headerOf, readBody } from './answer.js'
import { exchange, type RequestBody } from './exchange.js'
import { dialledHost, follow } from './follow.js'
import { answerFailure, protocolFailure } from './registry-failure.js'
import { firstError, readJson } from './registry-json.js'
import type { RegistryAuth } from './registry-options.js'
import { parseRetryAfter } from './retry-after.js'
import { basicCredentials, scrub, secretsOf } from './secrets.js'
import type { Transport } from './transport.js'

/** What a Bearer challenge asks for. */
export interface TokenRequest {
  /** The registry's name, for messages. */
  readonly host: string
  /** Where the challenge came from. */
  readonly registry: URL
  readonly realm: string
  readonly service: string | undefined
  readonly scopes: readonly string[]
  readonly auth: RegistryAuth | undefined
  readonly signal: AbortSignal | undefined
}

/** What the token service gave. */
export interface Token {
  readonly token: string
  /** By our clock, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** The identity token from now on, where it was renewed. */
  readonly identityToken?: string | undefined
}

const tokenLimit = 1024 * 1024
const defaultLifeMs = 60_000

/** Asks the token service of a challenge (distribution-spec, "Token Authentication"; with an identity token by OAuth 2). */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<Token> {
  const realm = checkRealm(request)
  const guard =
    realm.origin === request.registry.origin
      ? undefined
      : await AddressGuard.of(dialledHost(transport, request.registry))
  const startedAt = Date.now()
  const answer = await ask(transport, request, realm, guard)
  const body = await readBody(answer, tokenLimit)
  if (answer.status !== 200) throw refused(request, realm, answer, body)
  return readJson(body, { host: realm.host, what: 'token answer' }, (fields) => {
    const token = fields.string('token') || fields.string('access_token') || ''
    if (!/^[\x21-\x7e]+$/.test(token)) throw protocolFailure(realm.host, 'the answer has no usable token')
    const lifeMs = Math.max((fields.integer('expires_in') ?? 0) * 1000, defaultLifeMs)
    return { token, expiresAt: startedAt + lifeMs, identityToken: fields.string('refresh_token') }
  })
}

async function ask(
  transport: Transport,
  request: TokenRequest,
  realm: URL,
  guard: AddressGuard | undefined,
): Promise<Answer> {
  const { auth, scopes, service, signal } = request
  if (typeof auth === 'object' && 'identityToken' in auth) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'tscontainer',
      ...(service !== undefined && { service }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      refresh_token: auth.identityToken,
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    return await exchange(transport, {
      method: 'POST',
      url: realm,
      headers,
      body: textBody(form.toString()),
      guard,
      signal,
    })
  }
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (typeof auth === 'object' && 'password' in auth) {
    url.searchParams.set('account', auth.username)
    headers.authorization = `Basic ${basicCredentials(auth.username, auth.password)}`
  }
  return await follow(transport, { method: 'GET', url, headers, guard, signal })
}

// The realm is the registry's word: it gets our password, so it is not just any URL.
function checkRealm({ realm, registry, host }: TokenRequest): URL {
  if (!URL.canParse(realm)) throw protocolFailure(host, 'the token realm is no URL')
  const url = new URL(realm)
  if (!/^https?:$/.test(url.protocol))
    throw protocolFailure(host, `the token realm is not on http(s) but ${url.protocol}`)
  if (url.username !== '' || url.password !== '') throw protocolFailure(host, 'the token realm has credentials in it')
  if (url.protocol === 'http:' && registry.protocol === 'https:')
    throw protocolFailure(host, `the token realm leads from https to http, to ${url.host}`)
  url.hash = ''
  return url
}

function refused(request: TokenRequest, realm: URL, answer: Answer, body: Uint8Array): EngineError {
  const secrets = secretsOf(request.auth)
  const said = firstError(body)
  const error = said && { code: scrub(said.code, secrets), message: scrub(said.message, secrets) }
  const authenticated = secrets.length > 0
  const status = answer.status === 400 && authenticated ? 401 : answer.status
  const host = realm.host === request.host ? request.host : `${request.host} (token service ${realm.host})`
  const retryAfterMs = parseRetryAfter(headerOf(answer, 'retry-after'))
  // What it was for: people know repositories, not scopes.
  const repository = /^repository:(.+):[^:]*$/.exec(request.scopes[0] ?? '')?.[1]
  const name = repository === undefined ? request.host : `${request.host}/${repository}`
  const kind = repository === undefined ? 'registry' : 'repository'
  return answerFailure({ host, status, error, retryAfterMs, authenticated }, { kind, name })
}

function textBody(text: string): RequestBody {
  const bytes = Buffer.from(text)
  return {
    size: bytes.byteLength,
    async *open() {
      yield bytes
    },
  }
}
