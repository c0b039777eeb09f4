// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { invalidArgument } from '../errors/invalid-argument.js'
import { containerResolvConf } from '../network/name-servers.js'
import type { ContainerOptions } from './container-options.js'

/** Files of the host that a container in the host's network has too. */
export interface HostEtcFiles {
  readonly hosts?: string | undefined
  readonly resolvConf?: string | undefined
}

/** What a container on a network is told of the world. */
export interface EtcNetwork {
  /** Domains in which a name without dots is looked for. */
  readonly search: readonly string[]
  /** The address at which it reaches the host. */
  readonly host?: string | undefined
}

// podman's name for it, and Docker's.
const hostNames = 'host.containers.internal host.docker.internal'

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
  { extraHosts, dnsOptions }: Pick<ContainerOptions, 'extraHosts' | 'dnsOptions'>,
  host: HostEtcFiles,
  network?: EtcNetwork,
): EtcFiles {
  const own = hostname === undefined || host.hosts !== undefined ? '' : `127.0.1.1\t${hostname}\n`
  const gateway = network?.host ?? (host.hosts === undefined ? undefined : '127.0.0.1')
  const extra = extraLines(extraHosts ?? {}, gateway)
  const ofHost = network?.host === undefined ? '' : `${network.host}\t${hostNames}\n`
  const resolvConf = network ? containerResolvConf(network, dnsOptions) : host.resolvConf
  return {
    hosts: `${host.hosts ?? localHosts}${own}${ofHost}${extra.join('')}`,
    ...(hostname !== undefined && { hostname: `${hostname}\n` }),
    ...(resolvConf !== undefined && { 'resolv.conf': resolvConf }),
  }
}

function extraLines(
  hosts: NonNullable<ContainerOptions['extraHosts']>,
  gateway: string | undefined,
): readonly string[] {
  return Object.entries(hosts).flatMap(([name, given]) =>
    (typeof given === 'string' ? [given] : given).map((address) => {
      const found = address === 'host-gateway' ? gateway : address
      if (found !== undefined) return `${found}\t${name}\n`
      throw invalidArgument(`extraHosts.${name}`, 'it is on no network that reaches the host')
    }),
  )
}
