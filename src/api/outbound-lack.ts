// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import { lack, why } from './lack.js'
import type { ProbeAttempt, ProbeMessage } from './probe-message.js'

const nothingOutside = 'without root, containers on a network reach each other, and nothing outside'

/** Why containers without root reach nothing outside, where that is so. */
export function outboundLack({ rootless, networks, wayOut }: ProbeMessage): HostLack | undefined {
  if (!rootless || !networks?.ok) return undefined
  const programs = wayOut?.programs ?? []
  if (programs.some(({ problem }) => problem === '')) return undefined
  if (programs.length === 0)
    return lack(
      'outbound',
      `${nothingOutside}: neither pasta nor slirp4netns is installed`,
      'apt-get install passt (Debian and Ubuntu), dnf install passt (Fedora), or slirp4netns where there is no passt',
    )
  if (wayOut && !wayOut.tun.ok) return tunLack(wayOut.tun)
  const problems = programs.map(({ name, problem }) => (problem.startsWith(name) ? problem : `${name}: ${problem}`))
  return lack(
    'outbound',
    `${nothingOutside}: ${problems.join('; ')}`,
    'give the host a default route, and let AppArmor or SELinux allow these programs (journalctl says what was refused); then ask again',
  )
}

function tunLack(tun: ProbeAttempt): HostLack {
  const missing = tun.errno === 'ENOENT' || tun.errno === 'ENODEV' || tun.errno === 'ENXIO'
  return lack(
    'outbound',
    `${nothingOutside}: /dev/net/tun ${missing ? 'is not there' : 'is not for this user'}${why(tun)}`,
    missing
      ? 'modprobe tun; in a container, give it the device: --device /dev/net/tun'
      : 'chmod 0666 /dev/net/tun, which is what udev does: it gives nobody power over links of others',
  )
}
