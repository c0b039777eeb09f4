// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import { lack } from './lack.js'
import type { ProbeMessage } from './probe-message.js'

const effects = {
  memory: 'memory cannot be limited',
  cpu: 'processor time cannot be limited',
  pids: 'processes are counted for each user only',
  freeze: 'containers cannot be paused',
  kill: 'what calls setsid outlives its exec until the container ends',
} as const

// How addon/cgroup/probe.cc says it too.
const give = 'give the outer container a writable cgroup tree'

type Effect = keyof typeof effects
const limits = Object.keys(effects) as Effect[]

/** What a missing limit does not stop: asking for it is a typed error. One entry for each reason. */
export function limitLacks({ cgroup, container }: ProbeMessage): readonly HostLack[] {
  if (cgroup === undefined) return []
  const missing = limits.filter((name) => !cgroup.controllers.includes(name))
  const byReason = new Map<string, Effect[]>()
  for (const name of missing) {
    // Without any usable tree there is one reason for all, whatever each hierarchy would say.
    const own = cgroup.reasons[name] ?? 'the kernel has no such controller: boot one that has'
    const reason = cgroup.version === 'none' ? (cgroup.reasons[''] ?? own) : own
    byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  }
  return [...byReason].map(([reason, names]) => {
    const at = reason.indexOf(': ')
    const [problem, fix] = at < 0 ? [reason, `see the reason: ${reason}`] : [reason.slice(0, at), reason.slice(at + 2)]
    const effect = names.map((name) => effects[name]).join(', ')
    const outer = container && !fix.startsWith(give) ? `; in a container: ${give}` : ''
    return lack(`cgroup ${names.join(', ')}`, `${problem}: ${effect}`, fix + outer)
  })
}
