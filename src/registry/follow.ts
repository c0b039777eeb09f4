// SPDX-License-Identifier: Apache-2.0
import { AddressGuard } from './address-guard.js'
import { type Answer, dropBody, headerOf } from './answer.js'
import { type Exchange, exchange } from './exchange.js'
import { protocolFailure } from './registry-failure.js'
import type { Transport } from './transport.js'

const maxRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request and follows redirects of those that only read. Another host gets no Authorization and is never asked for credentials;
 * https does not become http; see {@link AddressGuard} for where nothing leads.
 */
export async function follow(transport: Transport, request: Exchange): Promise<Answer> {
  let { url, headers, guard } = request
  for (let hops = 0; ; hops++) {
    const answer = await exchange(transport, { ...request, url, headers, guard })
    const location = headerOf(answer, 'location')
    if (!redirects.has(answer.status) || location === undefined) return { ...answer, redirected: hops > 0 }
    await dropBody(answer)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw protocolFailure(url.host, `a ${request.method} is not redirected`)
    if (hops >= maxRedirects) throw protocolFailure(url.host, `more than ${maxRedirects} redirects`)
    const next = targetOf(location, url)
    if (next.origin !== url.origin) {
      headers = withoutAuthorization(headers)
      guard ??= await AddressGuard.of(dialledHost(transport, url))
    }
    url = next
  }
}

/** The host that is really connected to for a URL. */
export function dialledHost(transport: Transport, url: URL): string {
  const { connectTo } = transport.settings.of(url.host)
  return connectTo === undefined ? url.hostname : connectTo.replace(/:\d+$/, '')
}

/**
 * Where a Location header leads, seen from `base`. ERR_REGISTRY_PROTOCOL for what is no http(s) URL, has credentials, or would leave
 * https. Registries behind a proxy that ends TLS name themselves with http: the same host stays on https.
 */
export function targetOf(location: string, base: URL): URL {
  if (location.length > 16_384 || !URL.canParse(location, base.href))
    throw protocolFailure(base.host, 'a redirect leads to what is no URL')
  const url = new URL(location, base.href)
  if (!/^https?:$/.test(url.protocol)) throw protocolFailure(base.host, `a redirect leads to ${url.protocol}`)
  if (url.username !== '' || url.password !== '') throw protocolFailure(base.host, 'a redirect has credentials in it')
  url.hash = ''
  if (base.protocol === 'https:' && url.protocol === 'http:') {
    if (url.hostname !== base.hostname || (url.port !== base.port && url.port !== ''))
      throw protocolFailure(base.host, `a redirect leads from https to http, to ${url.host}`)
    url.protocol = 'https:'
    url.port = base.port
  }
  return url
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}
