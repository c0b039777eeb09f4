// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net'
import { classOfHostname } from './address-class.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for that URL by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, also in lower case; null: none. Hosts on loopback are never
 * asked through one.
 */
export function proxyFor(url: URL, env: Environment = process.env): URL | null {
  const variable = (name: string) => env[name.toLowerCase()] || env[name] || ''
  const own = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || variable('ALL_PROXY')
  if (own === '' || classOfHostname(url.hostname) === 'loopback') return null
  if (isExcluded(url, variable('NO_PROXY'))) return null
  const text = own.includes('://') ? own : `http://${own}`
  const proxy = URL.canParse(text) ? new URL(text) : null
  return proxy && /^https?:$/.test(proxy.protocol) ? proxy : null
}

function isExcluded(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => fits(entry.toLowerCase(), host, port))
}

function fits(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const range = /^(.+)\/(\d{1,3})$/.exec(entry)
  if (range) return isInRange(host, range[1] ?? '', Number(range[2]))
  const [, bracketed, bare, wanted] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [undefined, entry]
  if (wanted !== undefined && wanted !== port) return false
  const name = (bracketed ?? bare ?? entry).replace(/^\*?\./, '')
  if (isIP(host) !== 0) return host === name
  return name !== '' && (host === name || host.endsWith(`.${name}`))
}

function isInRange(host: string, base: string, bits: number): boolean {
  const family = isIP(base)
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false
  const block = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  block.addSubnet(base, bits, kind)
  return block.check(host, kind)
}
