// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os'
import { EngineError } from '../errors/engine-error.js'
import type { HostLack, HostReport } from '../errors/host-report.js'
import { probeSupervisor } from '../native/start-supervisor.js'

// What `tscontainer-supervisor --probe` writes.
interface ProbeMessage {
  readonly usable?: boolean
  readonly kernel?: string
  readonly rootless?: boolean
  readonly environment?: HostReport['environment']
  readonly idMap?: HostReport['idMap']
  readonly cgroup?: {
    readonly version?: 'none' | HostReport['cgroup']['version']
    readonly controllers?: readonly string[]
  }
  readonly snapshotter?: HostReport['snapshotter']
  readonly lacks?: readonly HostLack[]
}

/** Tries what this machine can do, and sets nothing up. Never rejects for what the machine lacks: the report says it. */
export async function probeHost(): Promise<HostReport> {
  if (process.platform !== 'linux') return elsewhere()
  return hostReport((await probeSupervisor()) as ProbeMessage)
}

/** ERR_HOST_UNSUPPORTED where there is no Linux. */
export function refuseElsewhere(): void {
  if (process.platform === 'linux') return
  const report = elsewhere()
  const [lack] = report.lacks
  throw new EngineError({ code: 'ERR_HOST_UNSUPPORTED', message: lack?.problem ?? '', hint: lack?.fix, report })
}

/** The report of what the supervisor found. */
export function hostReport(message: ProbeMessage): HostReport {
  const lacks = message.lacks ?? []
  const version = message.cgroup?.version
  return withText({
    usable: message.usable ?? !lacks.some(({ fatal }) => fatal),
    kernel: message.kernel ?? release(),
    rootless: message.rootless ?? process.geteuid?.() !== 0,
    environment: message.environment ?? 'host',
    idMap: message.idMap ?? 'none',
    cgroup: {
      version: version === undefined || version === 'none' ? 'v2' : version,
      controllers: version === 'none' ? [] : (message.cgroup?.controllers ?? []),
    },
    snapshotter: message.snapshotter ?? 'overlay',
    outbound: 'none',
    lacks,
  })
}

function elsewhere(): HostReport {
  const problem = `containers need Linux; this is ${process.platform}`
  const fix = 'run this program on Linux or in a Linux virtual machine'
  return withText({
    usable: false,
    kernel: release(),
    rootless: true,
    environment: 'host',
    idMap: 'none',
    cgroup: { version: 'v2', controllers: [] },
    snapshotter: 'copy',
    outbound: 'none',
    lacks: [{ feature: 'linux', fatal: true, problem, fix }],
  })
}

type ReportFields = Omit<HostReport, 'toString'>

function withText(fields: ReportFields): HostReport {
  return Object.defineProperty({ ...fields }, 'toString', { value: () => reportText(fields) }) as HostReport
}

function reportText({
  usable,
  kernel,
  rootless,
  environment,
  idMap,
  cgroup,
  snapshotter,
  lacks,
}: ReportFields): string {
  const controllers = cgroup.controllers.length > 0 ? cgroup.controllers.join(' ') : 'no controllers'
  const lines = [
    `This machine can ${usable ? '' : 'not '}run containers.`,
    `  kernel       ${kernel}${environment === 'host' ? '' : `, in ${environment === 'wsl2' ? 'WSL 2' : 'a container'}`}`,
    `  privileges   ${rootless ? `an ordinary user, ids: ${idMap}` : 'root'}`,
    `  cgroups      ${cgroup.version}: ${controllers}`,
    `  layers       ${snapshotter}`,
  ]
  for (const { feature, fatal, problem, fix } of lacks) {
    lines.push(`${fatal ? 'Missing' : 'Limited'}: ${feature}. ${problem}`, `  fix: ${fix}`)
  }
  return lines.join('\n')
}
