// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { LogArguments, SupervisionArguments } from '../native/create-message.js'
import type { PressureTrigger } from '../native/stats-message.js'
import type { ImageConfig } from '../oci/image-config.js'
import type { RuntimeSpec } from '../oci/runtime-spec.js'
import type { LinuxSpec, NamespaceSpec, ResourcesSpec } from '../oci/runtime-spec-linux.js'
import type { SeccompSpec } from '../oci/runtime-spec-seccomp.js'
import { type Capability, capabilityNames, resolveCapabilities } from '../security/capabilities.js'
import { maskedPaths, readonlyPaths } from '../security/protected-paths.js'
import { parseByteSize } from '../util/byte-size.js'
import { shortId } from '../util/random-id.js'
import { mainCommand } from './command.js'
import type { ContainerOptions } from './container-options.js'
import { defaultMounts } from './default-mounts.js'
import { deviceRules } from './device-rules.js'
import { diskQuotaOf } from './disk-quota.js'
import { containerEnvironment } from './environment.js'
import { type EtcFiles, type EtcNetwork, etcFiles, type HostEtcFiles } from './etc-files.js'
import type { HostDevices } from './host-devices.js'
import type { HostFacts } from './host-facts.js'
import type { JoinableKind, JoinedNamespaces } from './joined-namespaces.js'
import { pressureTriggers } from './pressure-limits.js'
import { type ExecTemplate, type NamedProcessSpec, processSpec } from './process-spec.js'
import { proxyEnvironment } from './proxy-environment.js'
import type { ResolvedMount } from './resolved-mount.js'
import { resourcesOf } from './resources.js'
import { rlimitsOf } from './rlimits.js'
import { seccompOf } from './seccomp-choice.js'
import { signalNumber } from './signal-number.js'
import { supervisionOf } from './supervision-plan.js'
import { foreignSysctl } from './sysctls.js'
import { withUserMounts } from './user-mounts.js'

/** Everything that a plan is made of: nothing else is asked. */
export interface ContainerPlanInput {
  readonly id: string
  /** Checked. */
  readonly options: ContainerOptions
  /** What its options and its image have it mount, with volumes and images found. */
  readonly mounts: readonly ResolvedMount[]
  readonly config: ImageConfig
  readonly host: HostFacts
  readonly devices: HostDevices
  readonly etc: HostEtcFiles
  /** The caller's variables, of which `proxy: true` hands some on. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Of a container on a network. */
  readonly network?: EtcNetwork | undefined
  /** What it shares with another container; the options say nothing of that. */
  readonly joined?: JoinedNamespaces | undefined
}

/** What a container is to be. */
export interface ContainerPlan {
  /** OCI runtime spec; the filter is beside it. Without a process for an idle container. */
  readonly spec: Omit<RuntimeSpec, 'process'> & { readonly process?: NamedProcessSpec | undefined }
  readonly seccomp: SeccompSpec | null
  readonly userns: 'private' | 'host'
  readonly etc: EtcFiles
  readonly stopSignal: number
  readonly stopTimeoutMs: number
  readonly log: Pick<LogArguments, 'driver' | 'maxBytes' | 'maxFiles'>
  readonly supervision: SupervisionArguments
  readonly pressure: readonly PressureTrigger[] | undefined
  /** Bytes. */
  readonly diskQuota: number | undefined
  /** What its execs start from. */
  readonly exec: ExecTemplate
  /** The image's entrypoint and the options', for a command that is run in its place. */
  readonly command: readonly string[]
  /** What it has in common with others of its kind: frozen, the same object for all of them. */
  readonly shared?: object | undefined
}

/** Annotations with this prefix are labels: docs/protocol.md, "Events". */
export const labelPrefix = 'dev.tscontainer.label.'

const defaultPids = 2048
const defaultShmBytes = 64 * 1024 * 1024
const defaultLogBytes = 64 * 1024 * 1024

/** Options and image as an OCI runtime spec. Pure: the same input gives the same plan. */
export function planContainer(input: ContainerPlanInput): ContainerPlan {
  const { options, config, host } = input
  const hostname = hostnameOf(input)
  const exec = execTemplate(input)
  const capabilities = exec.capabilities
  const linux = linuxOf(input)
  const userns = usernsOf(options, host)
  const process = options.idle ? undefined : processSpec(exec, mainCommand(options, config), consoleSize(options.tty))
  return {
    spec: {
      ociVersion: '1.2.0',
      ...(process && { process }),
      root: { path: 'rootfs', ...(options.readonlyRootfs && { readonly: true }) },
      ...(hostname !== undefined && { hostname }),
      ...(options.domainname !== undefined && { domainname: options.domainname }),
      mounts: withUserMounts(defaultMountsOf(options), input.mounts),
      annotations: annotationsOf(options, config),
      linux,
    },
    seccomp: seccompOf(options, capabilities, host),
    userns,
    etc: etcFiles(hostname, options, input.etc, input.network),
    stopSignal: signalNumber(options.stopSignal ?? (config.stopSignal || 'SIGTERM'), 'stopSignal'),
    stopTimeoutMs: Math.round(options.stopTimeoutMs ?? 10_000),
    log: logOf(options.logs),
    supervision: supervisionOf(options, config, exec),
    pressure: pressureTriggers(options.pressure, host),
    diskQuota: diskQuotaOf(options, host, userns),
    exec,
    command: process?.args ?? [],
  }
}

/** Undefined where its uts namespace is not its own. */
export function hostnameOf(input: ContainerPlanInput): string | undefined {
  return isOwn('uts', input) ? (input.options.hostname ?? shortId(input.id)) : undefined
}

function execTemplate({ options, config, environment = {} }: ContainerPlanInput): ExecTemplate {
  const cwd = options.workdir ?? (config.workingDir || '/')
  return {
    env: containerEnvironment(config.env ?? [], {
      tty: options.tty,
      env: { ...proxyEnvironment(options.proxy, environment), ...options.env },
    }),
    cwd: cwd.startsWith('/') ? cwd : `/${cwd}`,
    user: String(options.user ?? config.user ?? ''),
    ...(options.groupAdd && { groups: options.groupAdd.map(String) }),
    capabilities: capabilitiesOf(options),
    noNewPrivileges: options.noNewPrivileges ?? !options.privileged,
    rlimits: rlimitsOf(options.ulimits),
    ...(options.oomScoreAdjust !== undefined && { oomScoreAdj: options.oomScoreAdjust }),
  }
}

function capabilitiesOf({ capabilities, privileged }: ContainerOptions): readonly Capability[] {
  return privileged && !capabilities
    ? capabilityNames
    : resolveCapabilities(privileged ? { add: ['ALL'], ...capabilities } : capabilities)
}

// Where no cgroup counts processes, the supervisor holds them by RLIMIT_NPROC, which the kernel counts for each user of a namespace.
function limitsOf(options: ContainerOptions, host: HostFacts, devices: ContainerPlanInput['devices']): ResourcesSpec {
  const { pidsLimit = defaultPids } = options
  if (host.controllers.includes('pids')) return resourcesOf({ ...options, pidsLimit }, host, devices.block)
  const countable = typeof pidsLimit === 'number' && usernsOf(options, host) === 'private'
  const resources = resourcesOf(countable ? { ...options, pidsLimit: undefined } : options, host, devices.block)
  return countable ? { ...resources, pids: { limit: pidsLimit } } : resources
}

function linuxOf(input: ContainerPlanInput): LinuxSpec {
  const { options, host, devices } = input
  const resources = limitsOf(options, host, devices)
  const rules = deviceRules(devices, { options, host, userns: usernsOf(options, host) })
  return {
    namespaces: namespacesOf(input),
    resources: { ...resources, ...(rules && { devices: rules }) },
    ...(devices.devices.length > 0 && { devices: devices.devices.map(({ access, ...device }) => device) }),
    ...(options.sysctls && { sysctl: sysctlsOf(options.sysctls, input) }),
    ...(!options.privileged && { maskedPaths: maskedPaths(host.cpus), readonlyPaths }),
  }
}

// Neither the host's nor another container's.
function isOwn(kind: JoinableKind, { options, joined }: ContainerPlanInput): boolean {
  return options[kind] !== 'host' && !joined?.namespaces.includes(kind)
}

function namespacesOf(input: ContainerPlanInput): readonly NamespaceSpec[] {
  const own = (['pid', 'ipc', 'uts', 'network'] as const).filter((kind) => isOwn(kind, input))
  return [{ type: 'mount' }, { type: 'cgroup' }, ...own.map((type) => ({ type }))]
}

function usernsOf({ userns }: ContainerOptions, host: HostFacts): 'private' | 'host' {
  if (userns !== 'private' || host.userns) return userns ?? (host.userns ? 'private' : 'host')
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `userns: this host cannot give containers a user namespace${host.usernsReason ? ` (${host.usernsReason})` : ''}`,
    option: 'userns',
    hint: "Linux 5.19 and a root on ext4, xfs or btrfs can; userns: 'host' does without",
  })
}

function sysctlsOf(
  sysctls: Readonly<Record<string, string>>,
  input: ContainerPlanInput,
): Readonly<Record<string, string>> {
  const foreign = foreignSysctl(sysctls, { ipc: isOwn('ipc', input), network: isOwn('network', input) })
  if (foreign === undefined) return sysctls
  throw new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `sysctls.${foreign}: the namespace of this setting is not the container's own`,
    option: `sysctls.${foreign}`,
  })
}

function defaultMountsOf({ shmSize, privileged, pid, ipc }: ContainerOptions) {
  return defaultMounts({
    shmBytes: shmSize === undefined ? defaultShmBytes : parseByteSize(shmSize, 'shmSize'),
    privileged: privileged === true,
    hostPid: pid === 'host',
    hostIpc: ipc === 'host',
  })
}

/** The labels of a container: the image's, and the options' over them. */
export function labelsOf(options: ContainerOptions, config: ImageConfig): Readonly<Record<string, string>> {
  return { ...config.labels, ...options.labels }
}

function annotationsOf(options: ContainerOptions, config: ImageConfig): Readonly<Record<string, string>> {
  const labels = Object.entries(labelsOf(options, config)).map(([key, value]) => [`${labelPrefix}${key}`, value])
  return { ...options.annotations, ...Object.fromEntries(labels) }
}

function logOf({ driver, maxSize, maxFiles }: NonNullable<ContainerOptions['logs']> = {}): ContainerPlan['log'] {
  return {
    driver: driver === 'none' ? 'none' : (driver ?? 'file') === 'file' ? 'file' : 'pipe',
    maxBytes: maxSize === undefined ? defaultLogBytes : Math.max(1, parseByteSize(maxSize, 'logs.maxSize')),
    maxFiles: maxFiles ?? 2,
  }
}

/** The size of a terminal as OCI has it; undefined: there is none. */
export function consoleSize(tty: ContainerOptions['tty']): NamedProcessSpec['consoleSize'] {
  if (!tty) return undefined
  return tty === true ? { width: 80, height: 24 } : { width: tty.columns, height: tty.rows }
}
