// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import { lack } from './lack.js'
import type { ForwardBarrier, ProbeMessage } from './probe-message.js'

/** A firewall that drops what is forwarded, and has no place where we may answer it. */
export function forwardingLack({ forwarding }: ProbeMessage): HostLack | undefined {
  if (!forwarding) return undefined
  const { family, table, chain } = forwarding
  return lack(
    'forwarding',
    `the host’s firewall (${family} ${table}, chain ${chain}) drops what containers on networks send out and what is sent to them`,
    cures[forwarding.kind](forwarding),
  )
}

const cures: Readonly<Record<ForwardBarrier['kind'], (barrier: ForwardBarrier) => string>> = {
  chain: ({ family, table, chain }) =>
    ['iifname', 'oifname']
      .map((end) => `nft insert rule ${family} ${table} ${chain} ${end} '"tsc-*"' accept`)
      .join('; '),
  owned: () => 'firewall-cmd --permanent --zone=trusted --add-interface=tsc-+ && firewall-cmd --reload',
  legacy: () => 'iptables-legacy -I FORWARD -i tsc-+ -j ACCEPT; iptables-legacy -I FORWARD -o tsc-+ -j ACCEPT',
}
