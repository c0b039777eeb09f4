// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, normalize } from 'node:path'
import type { LogDriver } from '../container/log-driver.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { CredentialDriver } from '../registry/credential-driver.js'
import { checkRegistryOptions, type RegistryOptions } from '../registry/registry-options.js'
import { checkContainerOptions } from '../runtime/check-container-options.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { optionCheck } from '../runtime/option-checks.js'
import { checkSignaturePolicies, type SignaturePolicy } from '../signature/signature-options.js'
import { checkName } from '../util/object-name.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import type { VolumeDriver } from '../volume/volume-driver.js'

/** How an engine is opened. */
export interface EngineOptions {
  /**
   * Where images and containers are; absolute. By default TSCONTAINER_ROOT, else /var/lib/tscontainer for root and
   * $XDG_DATA_HOME/tscontainer (~/.local/share) for others.
   */
  readonly root?: string | undefined
  /** Where sockets and locks are; absolute. By default /run/tscontainer for root and $XDG_RUNTIME_DIR for others; one for each `root`. */
  readonly runRoot?: string | undefined
  /** Options that all containers start from. */
  readonly defaults?: EngineDefaults | undefined
  /** How registries are reached, by host: mirrors, credentials, certificates. What is not said here is found as Docker finds it. */
  readonly registries?: RegistryOptions | undefined
  /**
   * Which images must be signed by whom to be pulled, also for containers; the entry that says most of a name counts. Without one an image
   * needs no signature. What is in the store already has been pulled.
   */
  readonly signatures?: readonly SignaturePolicy[] | undefined
  /** What this engine has others do, in this process. */
  readonly plugins?: EnginePlugins | undefined
}

/** What can be done by others, in the process of an engine. */
export interface EnginePlugins {
  /** Drivers of volumes by name, for the option `driver` of `Volume.create`. `local` is the engine's own. */
  readonly volumes?: Readonly<Record<string, VolumeDriver>> | undefined
  /** Drivers of logs by name, for the option `logs.driver` of containers. `file`, `none` and `callback` are the engine's own. */
  readonly logs?: Readonly<Record<string, LogDriver>> | undefined
  /** Knows credentials of registries: asked before docker's config.json, after what a call or the option `registries` says. */
  readonly credentials?: CredentialDriver | undefined
}

/** Container options that make sense for all containers. */
export type EngineDefaults = Omit<ContainerOptions, 'name' | 'signal' | 'ready'>

// Names are those that options choose by; the engine's own cannot be replaced.
const driverCheck =
  (kind: 'volumes' | 'logs', taken: readonly string[], methods: readonly string[]): Check =>
  (value, option) => {
    const name = option.slice(option.lastIndexOf(`${kind}.`) + kind.length + 1)
    checkName(name, option)
    if (taken.includes(name)) throw invalidArgument(option, `'${name}' is the engine's own driver`)
    checkMethods(value, option, methods)
  }

function checkMethods(value: unknown, option: string, methods: readonly string[]): void {
  for (const method of methods)
    check.function(
      typeof value === 'object' && value !== null ? Reflect.get(value, method) : value,
      `${option}.${method}`,
    )
}

const shape: Shape<EngineOptions> = {
  root: optionCheck.absolutePath,
  runRoot: optionCheck.absolutePath,
  defaults: (value) => checkContainerOptions(value),
  registries: checkRegistryOptions,
  signatures: checkSignaturePolicies,
  plugins: check.object<EnginePlugins>({
    volumes: check.recordOf(driverCheck('volumes', ['local'], ['create', 'remove', 'mount', 'unmount'])),
    logs: check.recordOf(driverCheck('logs', ['file', 'none', 'callback'], ['open'])),
    credentials: (value, option) => checkMethods(value, option, ['get']),
  }),
}

/** Refuses what is malformed. */
export function checkEngineOptions(options: unknown): asserts options is EngineOptions | undefined {
  checkOptions<EngineOptions>(options, shape)
}

/** Where an engine keeps things. */
export interface EngineDirectories {
  readonly root: string
  readonly runRoot: string
}

/** The directories of an engine with these options, in this environment. */
export function engineDirectories(
  options: Pick<EngineOptions, 'root' | 'runRoot'>,
  { env, uid }: { readonly env: NodeJS.ProcessEnv; readonly uid: number },
): EngineDirectories {
  const usual =
    uid === 0 ? '/var/lib/tscontainer' : join(env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'tscontainer')
  const root = tidy(options.root ?? (env.TSCONTAINER_ROOT || usual))
  return { root, runRoot: options.runRoot === undefined ? runRootOf(root, usual, { env, uid }) : tidy(options.runRoot) }
}

// One supervisor for each run directory: two roots must not share one.
function runRootOf(
  root: string,
  usual: string,
  { env, uid }: { readonly env: NodeJS.ProcessEnv; readonly uid: number },
): string {
  const base =
    uid === 0
      ? '/run/tscontainer'
      : env.XDG_RUNTIME_DIR
        ? join(env.XDG_RUNTIME_DIR, 'tscontainer')
        : `/tmp/tscontainer-${uid}`
  return root === usual ? base : `${base}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
}

function tidy(path: string): string {
  const normal = normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}
