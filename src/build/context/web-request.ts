// SPDX-License-Identifier: Apache-2.0
import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici'
import { proxyFor } from '../../registry/proxy.js'
import { basicCredentials, withoutCredentials } from '../git/git-address.js'

/** What the web answers. */
export interface WebAnswer {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Of Last-Modified: seconds since 1970; 0 where there is none. */
  readonly modified: number
}

// Without progress for so long, a server is given up.
const patienceMs = 60_000

/**
 * Asks for a file, through the proxies of the environment as pulls do, and lets `take` read it. Redirects are followed, passwords in the address go to its own
 * host alone.
 */
export async function webRequest<T>(
  address: string,
  signal: AbortSignal,
  take: (answer: WebAnswer) => Promise<T>,
): Promise<T> {
  const idle = new AbortController()
  const give = () => idle.abort(new Error(`nothing came for ${patienceMs / 1000} s`))
  let timer = setTimeout(give, patienceMs)
  const ways = new Ways()
  try {
    const credentials = basicCredentials(address)
    const response = await fetch(withoutCredentials(address), {
      dispatcher: ways.dispatcher,
      headers: credentials === null ? {} : { authorization: credentials },
      signal: AbortSignal.any([signal, idle.signal]),
      redirect: 'follow',
    })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    return await take({ chunks: watched(response), modified: modifiedOf(response) })
  } finally {
    clearTimeout(timer)
    await ways.close()
  }

  async function* watched({ body }: Response): AsyncGenerator<Uint8Array> {
    for await (const chunk of body ?? []) {
      clearTimeout(timer)
      timer = setTimeout(give, patienceMs)
      yield chunk as Uint8Array
    }
  }
}

function modifiedOf({ headers }: Response): number {
  const date = Date.parse(headers.get('last-modified') ?? '')
  return Number.isNaN(date) ? 0 : Math.floor(date / 1000)
}

/** Connections of one request, which redirects may lead to several hosts, some behind a proxy. */
class Ways {
  readonly #direct = new Agent({ connect: { timeout: 15_000 } })
  readonly #proxies = new Map<string, ProxyAgent>()
  readonly dispatcher: Dispatcher

  constructor() {
    this.dispatcher = this.#direct.compose((direct) => (options, handler) => {
      const url = new URL(String(options.origin))
      const proxy = proxyFor(url)
      return proxy
        ? this.#through(proxy, url.protocol === 'https:').dispatch(options, handler)
        : direct(options, handler)
    })
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#direct, ...this.#proxies.values()].map((agent) => agent.destroy()))
  }

  #through(proxy: URL, proxyTunnel: boolean): ProxyAgent {
    const key = `${proxyTunnel} ${proxy.href}`
    const known = this.#proxies.get(key)
    if (known) return known
    const { username, password, origin } = proxy
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const token = username === '' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` }
    const made = new ProxyAgent({ uri: origin, proxyTunnel, ...token })
    this.#proxies.set(key, made)
    return made
  }
}
