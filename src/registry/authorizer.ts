// SPDX-License-Identifier: Apache-2.0
import { abandonable } from '../util/abort.js'
import { type Answer, headersOf } from './answer.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { RegistryAuth } from './registry-options.js'
import { basicCredentials, secretsOf } from './secrets.js'
import { fetchToken, type Token } from './token-service.js'
import type { Transport } from './transport.js'

/** What an authorizer needs of its surroundings. */
export interface AuthorizerOptions {
  readonly transport: Transport
  /** The registry's name, for messages. */
  readonly host: string
  /** Looks for credentials; called when the registry asks for some. */
  readonly credentials: () => Promise<RegistryAuth | undefined>
}

// Tokens are renewed before they end: clocks differ, and an upload takes its time.
const leewayMs = 10_000
const maxScopes = 32

/** The Authorization header for one registry and one identity: learns from challenges, keeps tokens as long as they are good. */
export class Authorizer {
  readonly #options: AuthorizerOptions
  readonly #tokens = new Map<string, Promise<Token>>()
  #challenge: Challenge | undefined
  #auth: Promise<RegistryAuth | undefined> | undefined

  constructor(options: AuthorizerOptions) {
    this.#options = options
  }

  /** The header for those scopes as far as the registry has asked for one already. */
  async header(scopes: readonly string[], url: URL, signal: AbortSignal | undefined): Promise<string | undefined> {
    const challenge = this.#challenge
    if (challenge === undefined) return undefined
    const auth = await this.#credentials()
    if (challenge.scheme === 'basic') return basicHeader(auth)
    if (typeof auth === 'object' && 'bearerToken' in auth) return `Bearer ${auth.bearerToken}`
    return `Bearer ${(await this.#token(challenge, { scopes, url, signal, auth })).token}`
  }

  /** Takes in a 401; null: another try is of no use, else the scopes to try with. `used`: the header that was refused. */
  async challenged(
    answer: Answer,
    scopes: readonly string[],
    used: string | undefined,
  ): Promise<readonly string[] | null> {
    const challenges = parseChallenges(headersOf(answer, 'www-authenticate'))
    const auth = await this.#credentials()
    const chosen = choose(challenges, auth)
    if (chosen === undefined) return null
    const isNew = this.#challenge?.scheme !== chosen.scheme || realmOf(this.#challenge) !== realmOf(chosen)
    this.#challenge = chosen
    if (chosen.scheme === 'basic') return basicHeader(auth) === used ? null : scopes
    if (typeof auth === 'object' && 'bearerToken' in auth) return used === `Bearer ${auth.bearerToken}` ? null : scopes
    const wanted = union(scopes, chosen.parameters.get('scope'))
    // What was refused is not offered again.
    if (!isNew) this.#tokens.delete(keyOf(chosen, wanted))
    return wanted
  }

  /** Forgets credentials and tokens: they have changed, or were refused. */
  forget(): void {
    this.#auth = undefined
    this.#tokens.clear()
  }

  /** Whether there are credentials to send. */
  async isAuthenticated(): Promise<boolean> {
    return secretsOf(await this.#auth?.catch(() => undefined)).length > 0
  }

  /** What must not be seen in any message. */
  async secrets(): Promise<readonly string[]> {
    const tokens = await Promise.allSettled(this.#tokens.values())
    const values = tokens.map((result) => (result.status === 'fulfilled' ? result.value.token : ''))
    return [...secretsOf(await this.#auth?.catch(() => undefined)), ...values.filter((value) => value !== '')]
  }

  #credentials(): Promise<RegistryAuth | undefined> {
    this.#auth ??= this.#options.credentials()
    this.#auth.catch(() => {
      this.#auth = undefined
    })
    return this.#auth
  }

  async #token(
    challenge: Challenge,
    request: {
      readonly scopes: readonly string[]
      readonly url: URL
      readonly signal: AbortSignal | undefined
      readonly auth: RegistryAuth | undefined
    },
  ): Promise<Token> {
    const key = keyOf(challenge, request.scopes)
    const pending = this.#tokens.get(key)?.catch(() => undefined)
    const known = pending && (await abandonable(pending, request.signal))
    if (known && known.expiresAt - leewayMs > Date.now()) return known
    // One request at a time asks for the same token, and one that is aborted fails only itself.
    const { transport, host } = this.#options
    const made = fetchToken(transport, {
      host,
      registry: request.url,
      realm: realmOf(challenge),
      service: challenge.parameters.get('service'),
      scopes: request.scopes,
      auth: request.auth,
      signal: request.signal,
    })
    this.#tokens.set(key, made)
    try {
      const token = await made
      if (token.identityToken && typeof request.auth === 'object' && 'identityToken' in request.auth)
        this.#auth = Promise.resolve({ identityToken: token.identityToken })
      return token
    } catch (error) {
      if (this.#tokens.get(key) === made) this.#tokens.delete(key)
      throw error
    }
  }
}

function choose(challenges: readonly Challenge[], auth: RegistryAuth | undefined): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
  const basic = challenges.find(({ scheme }) => scheme === 'basic')
  const hasPassword = typeof auth === 'object' && 'password' in auth
  return bearer ?? (basic && hasPassword ? basic : undefined)
}

function realmOf(challenge: Challenge): string {
  return challenge.parameters.get('realm') ?? ''
}

function keyOf(challenge: Challenge, scopes: readonly string[]): string {
  return JSON.stringify([realmOf(challenge), challenge.parameters.get('service') ?? '', [...scopes].sort()])
}

function union(scopes: readonly string[], asked: string | undefined): readonly string[] {
  const more = (asked ?? '').split(' ').filter((scope) => scope !== '' && !covers(scopes, scope))
  return [...scopes, ...more].slice(0, maxScopes)
}

// `repository:a:pull,push` has `repository:a:pull` in it.
function covers(scopes: readonly string[], asked: string): boolean {
  const split = (scope: string) => {
    const at = scope.lastIndexOf(':')
    return { of: scope.slice(0, at), actions: scope.slice(at + 1).split(',') }
  }
  const { of, actions } = split(asked)
  return scopes.map(split).some((scope) => scope.of === of && actions.every((action) => scope.actions.includes(action)))
}

function basicHeader(auth: RegistryAuth | undefined): string | undefined {
  if (typeof auth !== 'object' || !('password' in auth)) return undefined
  return `Basic ${basicCredentials(auth.username, auth.password)}`
}
