// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net'
import { EngineError } from '../errors/engine-error.js'
import { classOfHostname } from './address-class.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for that URL by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, also in lower case; null: none. Hosts on loopback are never
 * asked through one. ERR_UNSUPPORTED for a proxy that speaks something else than http(s): going around it is not what was meant.
 */
export function proxyFor(url: URL, env: Environment = process.env): URL | null {
  const variable = (name: string) => env[name.toLowerCase()] || env[name] || ''
  const name = [url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY'].find(
    (one) => variable(one) !== '',
  )
  const own = name === undefined ? '' : variable(name)
  if (own === '' || classOfHostname(url.hostname) === 'loopback') return null
  if (isExcluded(url, variable('NO_PROXY'))) return null
  const text = own.includes('://') ? own : `http://${own}`
  const proxy = URL.canParse(text) ? new URL(text) : null
  if (proxy && /^https?:$/.test(proxy.protocol)) return proxy
  throw otherProxy(name ?? '', proxy, url)
}

// The variable's value may have a password in it.
function otherProxy(variable: string, proxy: URL | null, { hostname }: URL): EngineError {
  const what = proxy ? `a proxy that speaks ${proxy.protocol.replace(/:$/, '')}` : 'something that is no URL'
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${variable} has ${what}, and ${hostname} is not asked without one`,
    hint: `name an http or https proxy there, or exclude the host: NO_PROXY=${hostname}`,
    object: variable,
  })
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
