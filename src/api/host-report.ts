// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises'
import { release, userInfo } from 'node:os'
import { EngineError } from '../errors/engine-error.js'
import type { HostReport, HostWeakness } from '../errors/host-report.js'
import { probeSupervisor } from '../native/start-supervisor.js'
import { hostLacks } from './host-lacks.js'
import { hostWeaknesses } from './host-weaknesses.js'
import type { ProbeCaller, ProbeMessage } from './probe-message.js'

type ReportFields = Omit<HostReport, 'toString'>

/**
 * Tries what this machine can do with an engine in `root`, and sets nothing up. Never rejects for what the machine lacks: the report says it.
 */
export async function probeHost(root: string): Promise<HostReport> {
  if (process.platform !== 'linux') return elsewhere()
  const mounted = await mountedCgroups()
  try {
    const found = (await probeSupervisor(['--root', root])) as ProbeMessage
    return hostReport(found, mounted, await hostWeaknesses(found))
  } catch (error) {
    if (!EngineError.is(error)) throw error
    const fix = error.hint ?? 'set NODE_DEBUG=tscontainer and TSCONTAINER_DEBUG=1 and look again'
    return unusable(mounted, { feature: 'supervisor', problem: error.message, fix })
  }
}

/** ERR_HOST_UNSUPPORTED where there is no Linux. */
export function refuseElsewhere(): void {
  if (process.platform !== 'linux') throw hostUnsupported(elsewhere())
}

/** The error for a machine that cannot run containers. */
export function hostUnsupported(report: HostReport, cause?: unknown): EngineError {
  const [lack] = report.lacks
  const message = lack?.problem ?? 'this machine cannot run containers'
  return new EngineError({ code: 'ERR_HOST_UNSUPPORTED', message, hint: lack?.fix, report, cause })
}

/** The report of what was found; `mounted`: the cgroups of this machine, whether they can be used or not. */
export function hostReport(
  found: ProbeMessage,
  mounted: HostReport['cgroup']['version'],
  weaknesses: readonly HostWeakness[] = [],
): HostReport {
  const lacks = hostLacks(found, caller())
  const { version, controllers } = found.cgroup ?? { version: 'none', controllers: [] }
  return withText({
    usable: !lacks.some(({ fatal }) => fatal),
    kernel: found.kernel,
    rootless: found.rootless,
    environment: environmentOf(found),
    idMap: found.userNamespace.ok || !found.rootless ? (found.idMap ?? 'none') : 'none',
    cgroup: { version: version === 'none' ? mounted : version, controllers },
    snapshotter: found.snapshotter ?? 'copy',
    outbound: outboundOf(found),
    lacks,
    weaknesses,
  })
}

function caller(): ProbeCaller {
  let user = `#${process.geteuid?.() ?? 0}`
  try {
    user = userInfo().username
  } catch {
    // no line in /etc/passwd: the number has to do
  }
  return { user, program: process.execPath }
}

function outboundOf({ rootless, networks, wayOut }: ProbeMessage): HostReport['outbound'] {
  if (!networks?.ok) return 'none'
  return rootless ? (wayOut?.programs.find(({ problem }) => problem === '')?.name ?? 'none') : 'nat'
}

function environmentOf({ kernel, container }: ProbeMessage): HostReport['environment'] {
  if (/microsoft/i.test(kernel)) return 'wsl2'
  return container ? 'container' : 'host'
}

async function mountedCgroups(): Promise<HostReport['cgroup']['version']> {
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    )
  if (await exists('/sys/fs/cgroup/cgroup.controllers')) return 'v2'
  return (await exists('/sys/fs/cgroup/unified')) ? 'hybrid' : 'v1'
}

function elsewhere(): HostReport {
  return unusable('v2', {
    feature: 'linux',
    problem: `containers need Linux; this is ${process.platform}`,
    fix: 'run this program on Linux or in a Linux virtual machine',
  })
}

function unusable(
  version: HostReport['cgroup']['version'],
  lack: { readonly feature: string; readonly problem: string; readonly fix: string },
): HostReport {
  return withText({
    usable: false,
    kernel: release(),
    rootless: process.geteuid?.() !== 0,
    environment: 'host',
    idMap: 'none',
    cgroup: { version, controllers: [] },
    snapshotter: 'copy',
    outbound: 'none',
    lacks: [{ ...lack, fatal: true }],
    weaknesses: [],
  })
}

function withText(fields: ReportFields): HostReport {
  return Object.defineProperty({ ...fields }, 'toString', { value: () => reportText(fields) }) as HostReport
}

const privileges = {
  root: '65,536 ids of their own',
  subids: 'the subordinate ids of this user',
  single: 'the one id of this user',
  none: 'none to be had',
} as const

function reportText({
  usable,
  kernel,
  rootless,
  environment,
  idMap,
  cgroup,
  snapshotter,
  lacks,
  weaknesses,
}: ReportFields): string {
  const controllers = cgroup.controllers.length > 0 ? cgroup.controllers.join(' ') : 'none that this user can use'
  const place = { host: '', wsl2: ', in WSL 2', container: ', in a container' }[environment]
  const lines = [
    `This machine can ${usable ? '' : 'not '}run containers.`,
    `  kernel       ${kernel}${place}`,
    `  privileges   ${rootless ? 'an ordinary user' : 'root'}; ids of containers: ${privileges[idMap]}`,
    `  cgroups      ${cgroup.version}; controllers: ${controllers}`,
    `  layers       ${snapshotter}`,
  ]
  for (const { feature, fatal, problem, fix } of lacks) {
    lines.push(`${fatal ? 'Missing' : 'Limited'}: ${feature}: ${problem}`, `  to get it: ${fix}`)
  }
  for (const { feature, problem, fix } of weaknesses) lines.push(`Weak: ${feature}: ${problem}`, `  to mend it: ${fix}`)
  return lines.join('\n')
}
