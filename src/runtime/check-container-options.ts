// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { lifecycleEventTypes } from '../events/event-types.js'
import { checkNetworkChoice } from '../network/attachment.js'
import { checkEgress } from '../network/egress.js'
import { parseIpAddress } from '../network/ip-address.js'
import { type PortSpec, parsePort, parsePorts } from '../network/port-spec.js'
import { parsePlatform } from '../oci/platform.js'
import { type CapabilityChanges, resolveCapabilities } from '../security/capabilities.js'
import { checkSeccompProfile } from '../security/seccomp-profile.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { execDefaultsShape } from './check-exec-options.js'
import type { ContainerListeners, ContainerOptions } from './container-options.js'
import type { ExecDefaults } from './exec-options.js'
import { checkHealthcheck } from './healthcheck.js'
import { checkInjectedFile } from './injected-file.js'
import { checkJoined } from './joined-namespaces.js'
import { checkLinks } from './links.js'
import { checkMounts } from './mount-checks.js'
import { optionCheck } from './option-checks.js'
import { checkPressure } from './pressure-limits.js'
import { checkProxy } from './proxy-environment.js'
import { checkRate } from './rate.js'
import { asksFor, checkReady } from './ready.js'
import { checkRestartPolicy } from './restart-policy.js'
import { checkSysctls } from './sysctls.js'

const listener = check.function
const listeners = Object.fromEntries(lifecycleEventTypes.map((type) => [type, listener])) as Shape<ContainerListeners>
const strings = check.arrayOf(check.string)
const shared = check.matching(
  /^(private|host|container:[a-zA-Z0-9][a-zA-Z0-9_.-]*)$/,
  "'private', 'host' or 'container:<id>'",
)
const sharedNetwork = check.matching(/^container:[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "'container:<id>'")
const capabilities: Check = (value, option) => {
  check.object<CapabilityChanges>({ add: strings, drop: strings })(value, option)
  resolveCapabilities(value as CapabilityChanges, option)
}
const seccomp: Check = (value, option) => {
  if (typeof value === 'string') check.oneOf('default', 'unconfined')(value, option)
  else checkSeccompProfile(value, option)
}
const annotations: Check = (value, option) => {
  optionCheck.stringRecord(value, option)
  for (const key of Object.keys(value as object)) {
    if (key.startsWith('dev.tscontainer.'))
      throw invalidArgument(`${option}.${key}`, 'dev.tscontainer.* is the engine’s own')
  }
}
const port: Check = (value, option) => void parsePort(value, option)
const ports: Check = (value, option) => {
  check.arrayOf(port, 65_535)(value, option)
  parsePorts(value as readonly PortSpec[], option)
}
const address: Check = (value, option) => {
  if (typeof value !== 'string' || !parseIpAddress(value))
    throw invalidArgument(option, `${quoted(value)} is not an address`)
}
const network: Check = (value, option) => {
  if (typeof value === 'string' && value.startsWith('container:')) sharedNetwork(value, option)
  else if (Array.isArray(value)) check.arrayOf(checkNetworkChoice, 64)(value, option)
  else checkNetworkChoice(value, option)
}

/** One check for each option of a container: the table that decides what is known. */
export const containerOptionShape: Shape<ContainerOptions> = {
  name: optionCheck.name,
  command: optionCheck.argv,
  entrypoint: optionCheck.argv,
  env: optionCheck.envOrNone,
  workdir: optionCheck.absolutePath,
  user: optionCheck.user,
  groupAdd: check.arrayOf(optionCheck.group, 1024),
  hostname: optionCheck.hostname,
  domainname: optionCheck.hostname,
  labels: optionCheck.stringRecord,
  tty: optionCheck.terminal,
  stdin: check.any,
  init: check.boolean,
  idle: check.boolean,
  pull: check.oneOf('missing', 'always', 'never'),
  onPullProgress: check.function,
  on: check.object(listeners),
  memory: check.byteSize,
  memorySwap: optionCheck.sizeOrUnlimited,
  memoryReservation: check.byteSize,
  cpus: check.number({ min: 0.01, max: 10_000 }),
  cpuPeriodUs: check.integer({ min: 1000, max: 1_000_000 }),
  cpuShares: check.integer({ min: 2, max: 262_144 }),
  cpuset: optionCheck.cpuset,
  pidsLimit: optionCheck.countOrUnlimited,
  io: optionCheck.io,
  diskQuota: check.byteSize,
  pressure: checkPressure,
  ulimits: optionCheck.ulimits,
  shmSize: check.byteSize,
  oomScoreAdjust: check.integer({ min: -1000, max: 1000 }),
  mounts: checkMounts,
  readonlyRootfs: check.boolean,
  files: check.arrayOf(checkInjectedFile),
  network,
  pid: shared,
  ipc: shared,
  uts: shared,
  ports,
  rate: checkRate,
  egress: checkEgress,
  dns: check.arrayOf(address, 3),
  dnsSearch: check.arrayOf(optionCheck.domain, 6),
  dnsOptions: check.arrayOf(
    check.matching(/^[a-z][a-z0-9-]*(:\d{1,5})?$/, 'an option of resolv.conf such as timeout:1'),
    32,
  ),
  links: checkLinks,
  proxy: checkProxy,
  extraHosts: optionCheck.hosts,
  capabilities,
  seccomp,
  noNewPrivileges: check.boolean,
  devices: check.arrayOf(optionCheck.device, 1024),
  privileged: check.boolean,
  userns: check.oneOf('private', 'host'),
  sysctls: checkSysctls,
  healthcheck: checkHealthcheck,
  ready: checkReady,
  restart: checkRestartPolicy,
  idleTimeoutMs: check.number({ min: 1, max: 2 ** 40 }),
  maxLifetimeMs: check.number({ min: 1, max: 2 ** 40 }),
  stopSignal: optionCheck.signal,
  stopTimeoutMs: check.timeoutMs,
  autoRemove: check.boolean,
  detached: check.boolean,
  logs: optionCheck.logs,
  annotations,
  platform: (value, option) => void parsePlatform(value, option),
  execDefaults: check.object<ExecDefaults>(execDefaultsShape),
  signal: check.signal,
}

/** Refuses what is malformed, contradicts itself, or cannot be done by this version; nothing has happened then. */
export function checkContainerOptions(options: unknown): asserts options is ContainerOptions | undefined {
  checkOptions<ContainerOptions>(options, containerOptionShape)
  if (options === undefined) return
  checkStdin(options)
  checkLogs(options)
  checkContradictions(options)
}

function checkStdin({ stdin, idle }: ContainerOptions): void {
  if (stdin === undefined) return
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array))
    throw invalidArgument('stdin', "expected 'pipe', a text or bytes")
  if (idle && stdin !== 'ignore') throw invalidArgument('stdin', 'an idle container reads nothing')
}

function checkLogs({ logs, detached }: ContainerOptions): void {
  const { driver = 'file', onEntry, options } = logs ?? {}
  const isPlugin = !['file', 'none', 'callback'].includes(driver)
  if ((driver === 'callback') !== (onEntry !== undefined))
    throw invalidArgument('logs.onEntry', "belongs to driver: 'callback', which cannot do without")
  if (options && !isPlugin) throw invalidArgument('logs.options', 'are for a driver among the plugins of the engine')
  if (detached && (onEntry || isPlugin))
    throw invalidArgument('logs.driver', 'a detached container outlives every function')
}

/** Refuses a restart policy for what is removed at its end. */
export function checkRestartOfMortals({ restart = 'no', autoRemove }: ContainerOptions): void {
  if (autoRemove && restart !== 'no')
    throw invalidArgument('restart', 'a container that is removed at its end is not started again')
}

function checkContradictions(options: ContainerOptions): void {
  const { idle, command, entrypoint, init, tty, uts, memory, memorySwap, privileged, capabilities, ready, logs } =
    options
  if (idle && (command ?? entrypoint)) throw invalidArgument('idle', 'an idle container runs no command')
  if (idle && init === false) throw invalidArgument('init', 'an idle container is nothing but its init')
  if (idle && tty) throw invalidArgument('tty', 'an idle container has no use for a terminal')
  for (const key of ['hostname', 'domainname'] as const)
    if (options[key] !== undefined && uts === 'host') throw invalidArgument(key, "belongs to the host with uts: 'host'")
  checkJoined(options)
  if (memorySwap !== undefined && memory === undefined) throw invalidArgument('memorySwap', 'needs memory beside it')
  if (ready && asksFor(ready, 'log') && (idle || (logs?.driver ?? 'file') !== 'file'))
    throw invalidArgument('ready', 'there is no log to wait for')
  if (privileged && capabilities?.add)
    throw invalidArgument('capabilities.add', 'a privileged container has all of them')
}
