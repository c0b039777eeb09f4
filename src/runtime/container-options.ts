// SPDX-License-Identifier: Apache-2.0
import type { EventOf, LifecycleEventType } from '../events/engine-event.js'
import type { PullStep } from '../image/pull-image.js'
import type { PullPolicy } from '../image/pull-options.js'
import type { NetworkChoice } from '../network/attachment.js'
import type { EgressOptions } from '../network/egress.js'
import type { PortSpec } from '../network/port-spec.js'
import type { CapabilityChanges } from '../security/capabilities.js'
import type { SeccompProfile } from '../security/seccomp-profile.js'
import type { ByteSize } from '../util/byte-size.js'
import type {
  DeviceMapping,
  ExtraHosts,
  IoLimits,
  LogOptions,
  PressureLimit,
  TerminalSize,
  Ulimits,
} from './container-option-parts.js'
import type { ExecDefaults } from './exec-options.js'
import type { Healthcheck } from './healthcheck.js'
import type { InjectedFile } from './injected-file.js'
import type { Mount } from './mount-options.js'
import type { ProxySettings } from './proxy-environment.js'
import type { Rate } from './rate.js'
import type { Ready } from './ready.js'
import type { RestartPolicy } from './restart-policy.js'

/** Listeners that are installed before the container exists, so that they see its first event. */
export type ContainerListeners = {
  readonly [K in LifecycleEventType]?: ((event: EventOf<K>) => void) | undefined
}

/**
 * How a container is made. All optional; what the image says holds where nothing is said here. An unknown or malformed
 * option is ERR_INVALID_ARGUMENT naming it, one that cannot be honoured is ERR_UNSUPPORTED or ERR_LIMIT_UNSUPPORTED.
 */
export interface ContainerOptions {
  /** Unique in the engine: letters, digits, `_`, `.` and `-`, at most 128. One is made up by default. */
  readonly name?: string | undefined
  /** Program and arguments, in place of the image's; with an entrypoint, the arguments of that. */
  readonly command?: readonly string[] | undefined
  /** In place of the image's entrypoint, whose command is then left out too; `[]` for none. */
  readonly entrypoint?: readonly string[] | undefined
  /** Variables beside and over those of the image; null takes the image's away. */
  readonly env?: Readonly<Record<string, string | null>> | undefined
  /** Absolute; made if it does not exist. */
  readonly workdir?: string | undefined
  /** `name`, `uid`, `name:group`, `uid:gid`, looked up in the container's own /etc/passwd and /etc/group. */
  readonly user?: string | number | undefined
  /** Supplementary groups beside those of the user, by number or by a name in the container's own /etc/group; its execs have them too. */
  readonly groupAdd?: readonly (string | number)[] | undefined
  /** The first twelve digits of the id by default. */
  readonly hostname?: string | undefined
  /** The NIS domain of its host name: setdomainname(2). */
  readonly domainname?: string | undefined
  /** Beside and over those of the image; found again by {@link Container.list}. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** A terminal for the main process; its output goes to the log. */
  readonly tty?: boolean | TerminalSize | undefined
  /**
   * What the main process reads: nothing by default; this text or these bytes when it first starts; or what is written by those who attach
   * (`'pipe'`), before the start, too.
   */
  readonly stdin?: 'ignore' | 'pipe' | string | Uint8Array | undefined
  /** Whether an init of ours is process 1, reaps and passes on signals; true by default. */
  readonly init?: boolean | undefined
  /** Only our init runs: a box to exec in, also with images that have no shell. */
  readonly idle?: boolean | undefined
  /** When to ask the image's registry: `missing` (by default: if it is not in the store), `always` or `never`. */
  readonly pull?: PullPolicy | undefined
  /** Called while the image is pulled. */
  readonly onPullProgress?: ((progress: PullStep) => void) | undefined
  /** Listeners that are installed before the container exists. */
  readonly on?: ContainerListeners | undefined

  /** The most memory, tmpfs and page cache included. */
  readonly memory?: ByteSize | undefined
  /** Memory and swap together; `'unlimited'`. By default as much as `memory`, so that nothing is swapped. */
  readonly memorySwap?: ByteSize | 'unlimited' | undefined
  /** What it keeps when memory is scarce, as far as the kernel can: others give first. */
  readonly memoryReservation?: ByteSize | undefined
  /** Processors' worth of time: 0.5 is half of one. */
  readonly cpus?: number | undefined
  /** Over how many microseconds that is counted: 1000 to 1,000,000; 100,000 by default. Short ones stall for less long, and cost more. */
  readonly cpuPeriodUs?: number | undefined
  /** Weight against others, 2 to 262144; 1024 is ordinary. */
  readonly cpuShares?: number | undefined
  /** The processors it may run on: `0-2,4`. */
  readonly cpuset?: string | undefined
  /** The most processes and threads; 2048 by default, `'unlimited'`. */
  readonly pidsLimit?: number | 'unlimited' | undefined
  /** Limits of block devices. */
  readonly io?: IoLimits | undefined
  /**
   * The most that it may write to its own file system; what is mounted on it, and its log, count for nothing. Beyond it a write fails with
   * EDQUOT or ENOSPC. A project quota of the engine's root: ERR_LIMIT_UNSUPPORTED, with what to do, where that has none.
   */
  readonly diskQuota?: ByteSize | undefined
  /**
   * Pressure that `pressure` events are to tell of, at most 16: `{ resource: 'memory', stallMs: 150 }` is memory waited for during 150 ms
   * of 2 s. The kernel measures; nothing is polled. ERR_UNSUPPORTED where it does not: no cgroup v2, or booted without psi=1.
   */
  readonly pressure?: readonly PressureLimit[] | undefined
  /** setrlimit(2) of its processes: `{ nofile: 1024, core: { soft: 0, hard: 'unlimited' } }`. */
  readonly ulimits?: Ulimits | undefined
  /** Size of /dev/shm; 64 MiB by default. */
  readonly shmSize?: ByteSize | undefined
  /** -1000 to 1000: who goes first when the host runs out of memory. */
  readonly oomScoreAdjust?: number | undefined

  /** What is mounted over its file system, in this order. */
  readonly mounts?: readonly Mount[] | undefined
  /** Whether its file system is read-only; what is mounted on it is as its mount says. */
  readonly readonlyRootfs?: boolean | undefined
  /** Files that are put into the file system before it starts. */
  readonly files?: readonly InjectedFile[] | undefined

  /**
   * `'bridge'`, the default: the network that all containers share which have no other one. Where the host can have no networks
   * the default is loopback only, and a `warning` event says so; asked for, it is ERR_UNSUPPORTED there.
   * `'none'`: loopback only. A network of one's own, by its name, id or handle, with aliases and addresses if need be; several of them. `'host'`: the
   * host's own. `'container:<id or name>'`: that of another container, which has to be there (ERR_CONTAINER_NOT_FOUND,
   * ERR_CONTAINER_STATE); the same goes for `pid`, `ipc` and `uts`, of one other container for all. It is then in the other's user
   * namespace too.
   */
  readonly network?:
    | 'none'
    | 'host'
    | 'bridge'
    | `container:${string}`
    | NetworkChoice
    | readonly NetworkChoice[]
    | undefined
  /** `'host'`: sees and can signal the host's processes. That of a container: its processes; they end with it. */
  readonly pid?: 'private' | 'host' | `container:${string}` | undefined
  /** `'host'`: shares the host's shared memory and message queues. That of a container: its, /dev/shm included. */
  readonly ipc?: 'private' | 'host' | `container:${string}` | undefined
  /** `'host'`: the host's name, which it may not change. */
  readonly uts?: 'private' | 'host' | `container:${string}` | undefined
  /**
   * Ports of the host that lead to its own, from its first network that reaches out: `3000` from any free port, `'8080:80'`,
   * `'0.0.0.0:53:53/udp'`. Without an address 127.0.0.1 alone; `container.ports` says which they are. ERR_PORT_IN_USE,
   * ERR_PORT_PRIVILEGED.
   */
  readonly ports?: readonly PortSpec[] | undefined
  /** How fast it may send and receive on each of its networks; it needs one of its own. `update` changes it. */
  readonly rate?: Rate | undefined
  /** What it may reach outside of its networks, in the place of what these say; `update` changes it while it runs. */
  readonly egress?: EgressOptions | undefined
  /** Addresses of the name servers that are asked for what is no container's name; the host's by default. */
  readonly dns?: readonly string[] | undefined
  /** Domains in which a name without dots is looked for, at most 6; the host's by default, where it reaches out. */
  readonly dnsSearch?: readonly string[] | undefined
  /** Options of resolv.conf(5) beside the engine's, `timeout:1`; `ndots:` in the place of its `ndots:0`. */
  readonly dnsOptions?: readonly string[] | undefined
  /**
   * Other containers, by name or id, and what they are called for this one alone: `'db:database'`, or `'db'` for its name. The names lead
   * there over the networks that both are on, as long as the other runs; no variables of the environment are made of them.
   * ERR_CONTAINER_NOT_FOUND.
   */
  readonly links?: readonly string[] | undefined
  /**
   * Variables that tell programs of a proxy (`HTTP_PROXY`, `HTTPS_PROXY`, `FTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, each also in lower case):
   * `true` hands on those that this process has; an object says what they are. None by default; `env` is stronger.
   */
  readonly proxy?: boolean | ProxySettings | undefined
  /** Names for /etc/hosts: `{ db: '10.0.0.2' }`, or several addresses; `'host-gateway'` is the host's, on a network that reaches it. */
  readonly extraHosts?: ExtraHosts | undefined

  /** Changes to the default set, which is Docker's. */
  readonly capabilities?: CapabilityChanges | undefined
  /** The filter of system calls: ours, none, or one in the form of Docker and containerd. */
  readonly seccomp?: 'default' | 'unconfined' | SeccompProfile | undefined
  /** Whether setuid programs gain nothing; true by default. */
  readonly noNewPrivileges?: boolean | undefined
  /** Devices of the host: `'/dev/fuse'`, or where it shall be inside. */
  readonly devices?: readonly (string | DeviceMapping)[] | undefined
  /** All capabilities, no filter of system calls, no protected paths. In a user namespace still no power over the host. */
  readonly privileged?: boolean | undefined
  /** `'private'` by default where the host allows it: its root is nobody outside. `'host'`: it is the engine's user. */
  readonly userns?: 'private' | 'host' | undefined
  /** Settings of its own namespaces: `kernel.shm*`, `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`, `net.*`. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined

  /** How to find out whether it is well, over what the image says; `false`: the image's is not run either. */
  readonly healthcheck?: Healthcheck | false | undefined
  /**
   * When it counts as started: {@link Container.run} and `start` wait for that, 60 seconds at most unless it says otherwise. It is kept by
   * the process that makes the container alone.
   */
  readonly ready?: Ready | undefined
  /** When it is started again after its end; `'no'` by default. Not beside `autoRemove`. */
  readonly restart?: RestartPolicy | undefined
  /**
   * Stopped when nobody has used it for so many milliseconds: no command of `exec` runs in it, and the last one, or the last `kill`, `dial`,
   * `pause`, `resume` or `update`, is that long ago. Health checks, `inspect`, `stats`, `logs` and `wait` are no use of it. No policy starts it again.
   */
  readonly idleTimeoutMs?: number | undefined
  /** Stopped so many milliseconds after `start()`; restarts by policy are part of that time, and none comes after it. */
  readonly maxLifetimeMs?: number | undefined
  /** The signal that asks it to end; the image's, or SIGTERM. */
  readonly stopSignal?: string | undefined
  /** How long `stop` waits before everything is killed; 10,000. */
  readonly stopTimeoutMs?: number | undefined
  /** Whether it is removed when it ends. */
  readonly autoRemove?: boolean | undefined
  /** Whether it outlives this process; false by default. */
  readonly detached?: boolean | undefined
  /** How the output of the main process is kept. */
  readonly logs?: LogOptions | undefined
  /** Handed on in the OCI specification; `dev.tscontainer.*` is ours. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The platform that the image must have: `linux/arm64`. */
  readonly platform?: string | undefined
  /** What every `exec` of this container starts from. */
  readonly execDefaults?: ExecDefaults | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}
