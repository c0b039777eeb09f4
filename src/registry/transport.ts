// SPDX-License-Identifier: Apache-2.0
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici'
import type { AddressGuard } from './address-guard.js'
import type { HostSettings } from './host-settings.js'
import { proxyFor } from './proxy.js'
import { TlsAlerts } from './tls-alerts.js'

const connectTimeoutMs = 15_000
/** The most connections to one host at a time. */
const connections = 16

/** Connections to hosts, kept open for a while: each host with its own TLS, proxy and address. */
export class Transport {
  readonly settings: HostSettings
  readonly alerts = new TlsAlerts()
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>()
  #closed = false

  constructor(settings: HostSettings) {
    this.settings = settings
  }

  /** What sends requests to the URL's host; with a guard it does not connect where that does not want. */
  async dispatcher(url: URL, guard: AddressGuard | undefined): Promise<Dispatcher> {
    const proxy = this.settings.of(url.host).connectTo ? null : proxyFor(url)
    const key = `${url.origin} ${guard?.key ?? '*'} ${proxy?.href ?? ''}`
    const existing = this.#dispatchers.get(key)
    if (existing) return await existing
    const made = this.#make(url, guard, proxy)
    this.#dispatchers.set(key, made)
    made.catch(() => this.#dispatchers.delete(key))
    return await made
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    this.#closed = true
    const all = [...this.#dispatchers.values()]
    this.#dispatchers.clear()
    await Promise.allSettled(all.map(async (made) => (await made).destroy()))
  }

  async #make(url: URL, guard: AddressGuard | undefined, proxy: URL | null): Promise<Dispatcher> {
    const tls = await this.settings.tls(url.host)
    const { connectTo, timeoutMs } = this.settings.of(url.host)
    if (this.#closed) throw new Error('the client is closed')
    // What waits for what is decided per request: see exchange.ts.
    const common = { headersTimeout: 0, bodyTimeout: 0, connections, keepAliveTimeout: 10_000, maxHeaderSize: 65_536 }
    if (proxy !== null)
      return new ProxyAgent({
        ...common,
        ...proxyAddress(proxy),
        proxyTunnel: url.protocol === 'https:',
        requestTls: tls,
      })
    const lookup = guard && connectTo === undefined ? { lookup: guard.lookup } : {}
    const options = {
      ...tls,
      ...lookup,
      timeout: Math.min(connectTimeoutMs, timeoutMs ?? connectTimeoutMs),
      autoSelectFamily: true,
    }
    const connector = this.#watched(buildConnector(options as buildConnector.BuildOptions))
    if (connectTo === undefined) return new Agent({ ...common, connect: connector })
    const [, hostname = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(connectTo) ?? []
    return new Agent({ ...common, connect: (options, callback) => connector({ ...options, hostname, port }, callback) })
  }

  #watched(connector: buildConnector.connector): buildConnector.connector {
    return (options, callback) =>
      connector(options, (...result) => {
        if (result[0] === null) this.alerts.watch(result[1])
        callback(...result)
      })
  }
}

function proxyAddress(proxy: URL): { readonly uri: string; readonly token?: string } {
  const { username, password } = proxy
  if (username === '') return { uri: proxy.origin }
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { uri: proxy.origin, token: `Basic ${Buffer.from(pair).toString('base64')}` }
}
