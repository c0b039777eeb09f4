// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificates.js'

/** A request for a token. */
export interface TokenRequestSeen {
  readonly method: string
  readonly scopes: readonly string[]
  /** Who asked: a user, `identity:<token>`, or null for anonymous. */
  readonly who: string | null
}

/** A token service as docker-registry trusts one, with users, and anonymous pulls of whatever begins with `public/` or `library/`. */
export interface TokenService {
  readonly port: number
  readonly realm: string
  readonly seen: TokenRequestSeen[]
  /** How long tokens are good, in seconds; 300 at first. */
  lifeSeconds: number
  stop(): Promise<void>
}

/** How it is set up. */
export interface TokenServiceOptions {
  /** Signs the tokens. */
  readonly signer: Certificate
  readonly service: string
  readonly issuer: string
  readonly users: Readonly<Record<string, string>>
  readonly identityTokens?: readonly string[]
  readonly tls?: Certificate
  /** The name in the realm; 127.0.0.1 with the port by default. */
  readonly realm?: string
}

/** Starts one on loopback. */
export const startTokenService = async (options: TokenServiceOptions): Promise<TokenService> => {
  const { tls, signer } = options
  const key = createPrivateKey(await readFile(signer.key))
  const x5c = [new X509Certificate(await readFile(signer.certificate)).raw.toString('base64')]
  const seen: TokenRequestSeen[] = []
  const handler = (request: IncomingMessage, answer: ServerResponse) => void serve(request, answer)
  const server = tls
    ? createServer({ cert: await readFile(tls.certificate), key: await readFile(tls.key) }, handler)
    : createPlainServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const state = { lifeSeconds: 300 }

  const serve = async (request: IncomingMessage, answer: ServerResponse) => {
    const asked = await parametersOf(request)
    const who = whoAsks(request, asked, options)
    const scopes = asked
      .getAll('scope')
      .flatMap((scope) => scope.split(' '))
      .filter(Boolean)
    seen.push({ method: request.method ?? '', scopes, who: who ?? null })
    if (who === undefined) return reply(answer, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'who is that?' }] })
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: options.issuer,
      sub: who ?? '',
      aud: options.service,
      exp: now + state.lifeSeconds,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access: scopes.map((scope) => accessOf(scope, who)),
    }
    const head = `${encode({ typ: 'JWT', alg: 'ES256', x5c })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    const token = `${head}.${signature}`
    reply(answer, 200, { token, access_token: token, expires_in: state.lifeSeconds })
  }
  return Object.assign(state, {
    port,
    realm: options.realm ?? `${tls ? 'https' : 'http'}://127.0.0.1:${port}/token`,
    seen,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const reply = (answer: ServerResponse, status: number, body: unknown) => {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const parametersOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  if (request.method !== 'POST') return new URL(request.url ?? '/', 'http://service').searchParams
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

// undefined: refused; null: anonymous.
const whoAsks = (
  request: IncomingMessage,
  asked: URLSearchParams,
  { users, identityTokens = [] }: TokenServiceOptions,
): string | null | undefined => {
  const identity = asked.get('refresh_token')
  if (identity !== null) return identityTokens.includes(identity) ? `identity:${identity}` : undefined
  const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const [name = '', password] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s)
  return users[name] !== undefined && users[name] === password ? name : undefined
}

const accessOf = (scope: string, who: string | null) => {
  const [type = '', name = '', actions = ''] = scope.split(':')
  const isPublic = /^(public|library)\//.test(name)
  const granted = actions.split(',').filter((action) => who !== null || (isPublic && action === 'pull'))
  return { type, name, actions: granted }
}
