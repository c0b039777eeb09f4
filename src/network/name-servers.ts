// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { parseIpAddress } from './ip-address.js'

/** How this host resolves names. */
export interface HostResolver {
  /** Addresses, in the order in which they are asked. */
  readonly servers: readonly string[]
  /** Domains in which a name without dots is looked for. */
  readonly search: readonly string[]
}

// systemd-resolved answers on this address; whom it asks is in a file of its own.
const stub = '127.0.0.53'
const files = { usual: '/etc/resolv.conf', behindStub: '/run/systemd/resolve/resolv.conf' } as const
const maxServers = 3

/** From resolv.conf(5). */
export function readHostResolver(): HostResolver {
  const usual = parseResolvConf(read(files.usual))
  if (!usual.servers.includes(stub)) return usual
  const behind = parseResolvConf(read(files.behindStub))
  return behind.servers.length > 0 ? { ...usual, servers: behind.servers } : usual
}

// Synchronous: each create on a network asks, and the way through the thread pool takes ten times as long as such a file.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What is neither an address nor a domain is left out: nobody has to trust this file, and it ends up in containers. */
export function parseResolvConf(text: string): HostResolver {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  )
  const servers = lines.flatMap(([key, value = '']) => (key === 'nameserver' && parseIpAddress(value) ? [value] : []))
  const searches = lines.filter(([key]) => key === 'search' || key === 'domain')
  const search = (searches.at(-1) ?? [])
    .slice(1)
    .filter((domain) => /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,252})$/.test(domain))
  return { servers: [...new Set(servers)].slice(0, maxServers), search }
}

/** /etc/resolv.conf of a container on a network, where names are resolved by the engine. */
export function containerResolvConf({ search }: Pick<HostResolver, 'search'>, options: readonly string[] = []): string {
  const domains = search.length > 0 ? `search ${search.join(' ')}\n` : ''
  const dots = options.some((option) => option.startsWith('ndots:')) ? [] : ['ndots:0']
  return `nameserver 127.0.0.11\n${domains}options ${[...dots, ...options].join(' ')}\n`
}
