// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import type { ContainerOptions } from './container-options.js'

/** Files of the host that a container in the host's network has too. */
export interface HostEtcFiles {
  readonly hosts?: string | undefined
  readonly resolvConf?: string | undefined
}

/** Files that are bound over those in /etc: by their name. */
export type EtcFiles = Readonly<Partial<Record<'hosts' | 'hostname' | 'resolv.conf', string>>>

/** Reads them for a container that is in the host's network. */
export async function readHostEtcFiles(network: ContainerOptions['network']): Promise<HostEtcFiles> {
  if (network !== 'host') return {}
  const [hosts, resolvConf] = await Promise.all(
    ['/etc/hosts', '/etc/resolv.conf'].map((path) => readFile(path, 'utf8').catch(() => undefined)),
  )
  return { hosts, resolvConf }
}

const localHosts = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n'

/** The files for a container of that host name; none: its uts namespace is the host's. */
export function etcFiles(
  hostname: string | undefined,
  extraHosts: ContainerOptions['extraHosts'],
  host: HostEtcFiles,
): EtcFiles {
  const own = hostname === undefined || host.hosts !== undefined ? '' : `127.0.1.1\t${hostname}\n`
  const extra = Object.entries(extraHosts ?? {}).map(([name, address]) => `${address}\t${name}\n`)
  return {
    hosts: `${host.hosts ?? localHosts}${own}${extra.join('')}`,
    ...(hostname !== undefined && { hostname: `${hostname}\n` }),
    ...(host.resolvConf !== undefined && { 'resolv.conf': host.resolvConf }),
  }
}
