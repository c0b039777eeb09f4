// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { feed } from '../../layer/feed.js'
import { ensureFixUp } from '../../layer/fix-up.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { Connection } from '../../native/connection.js'
import { fixUpId } from '../../oci/chain-id.js'
import type { Digest } from '../../oci/digest.js'
import type { ContainerOptions } from '../../runtime/container-options.js'
import { planContainer } from '../../runtime/container-plan.js'
import { mergeEnvironment } from '../../runtime/environment.js'
import { readHostEtcFiles } from '../../runtime/etc-files.js'
import { ExecRun } from '../../runtime/exec-run.js'
import { lookUpDevices } from '../../runtime/host-devices.js'
import type { HostFacts } from '../../runtime/host-facts.js'
import type { ExecTemplate } from '../../runtime/process-spec.js'
import { layerName } from '../../store/store-paths.js'
import { randomId } from '../../util/random-id.js'
import { UndoStack } from '../../util/undo-stack.js'
import type { SealedLayer } from './make-layer.js'
import { type PreparedMounts, prepareMounts, type RunMount, type SecretFile } from './run-mounts.js'
import { sealStep } from './seal-step.js'

/** What a command is run with. */
export interface RunContext extends LayerContext {
  readonly facts: HostFacts
}

/** RUN. */
export interface RunStep {
  /** The root that it sees and changes: layers, the lowest first. */
  readonly layers: readonly Digest[]
  /** The program and its arguments; no shell is put before it. */
  readonly command: readonly string[]
  /** All that it has beside PATH: nothing of this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** As USER; root by default. */
  readonly user?: string | undefined
  /** Absolute; `/` by default. */
  readonly workdir?: string | undefined
  /** `'none'` by default: loopback only. */
  readonly network?: 'none' | 'host' | undefined
  readonly mounts?: readonly RunMount[] | undefined
  /** Takes what it writes, as it comes; the command waits for whoever does not return. */
  readonly output?: ((stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>) | undefined
}

const killSignal = 9

/**
 * Runs a command in a container of its own over the layers, and makes what it changed the next layer; null where it changed nothing. What it
 * started ends with it. ERR_EXEC_FAILED where it fails (`result` says how), ERR_EXEC_SPAWN where it cannot be started, ERR_USER_NOT_FOUND; an abort
 * kills it and rejects with its reason. Nothing is left of a failure. The caller holds a lease.
 */
export async function runStep(context: RunContext, step: RunStep, signal?: AbortSignal): Promise<SealedLayer | null> {
  signal?.throwIfAborted()
  const connection = await context.connection()
  // The container goes in any case, also when its layer is there.
  const undo = new UndoStack()
  try {
    const mounts = await prepareMounts(context, step.mounts ?? [], undo, signal)
    const container = await createFor(context, step, { mounts, undo, signal })
    await putSecrets(connection, container.id, mounts.secrets, signal)
    await connection.request('start', { container: container.id })
    const template = { ...container.exec, env: mergeEnvironment(container.exec.env, mounts.env) }
    await execute({ connection, container: container.id, template }, step, signal)
    await connection.request('stop', { container: container.id, signal: killSignal, timeoutMs: 0 })
    return await sealStep(context, { container: container.id, mountPoints: mounts.mountPoints }, signal)
  } finally {
    await undo.undo()
  }
}

interface StepContainer {
  readonly id: string
  readonly exec: ExecTemplate
}

interface Making {
  readonly mounts: PreparedMounts
  readonly undo: UndoStack
  readonly signal: AbortSignal | undefined
}

async function createFor(
  context: RunContext,
  step: RunStep,
  { mounts: { mounts, images }, undo, signal }: Making,
): Promise<StepContainer> {
  const connection = await context.connection()
  const id = randomId()
  const options: ContainerOptions = {
    idle: true,
    env: step.env,
    user: step.user,
    workdir: step.workdir,
    network: step.network ?? 'none',
  }
  const etc = await readHostEtcFiles(options.network)
  const devices = await lookUpDevices({})
  const plan = planContainer({ id, options, mounts, config: {}, host: context.facts, devices, etc })
  const seccomp = await seccompKey(connection, plan.seccomp)
  const message = {
    container: id,
    name: `build-${id.slice(0, 12)}`,
    spec: plan.spec,
    seccomp,
    layers: await stackOf(context, step.layers, signal),
    images,
    hostUsr: false,
    userns: plan.userns,
    init: true,
    idle: true,
    detached: false,
    autoRemove: false,
    stopSignal: plan.stopSignal,
    stopTimeoutMs: 0,
    log: { driver: 'none', maxBytes: 0, maxFiles: 0 },
    etc: plan.etc,
    record: null,
  } as const
  // An aborted request may have made it all the same.
  undo.push('container', async () => {
    await connection.request('remove', { container: id, force: true, volumes: true })
  })
  await connection.request('create', message, { signal, failure: { doing: 'make a container for a command' } })
  return { id, exec: plan.exec }
}

// In the container's memory before the command begins, and nowhere else.
async function putSecrets(
  connection: Connection,
  container: string,
  secrets: readonly SecretFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (secrets.length === 0) return
  const files = secrets.map(({ path, content, mode, owner }) => ({
    path,
    size: content.byteLength,
    mode,
    ...(owner !== undefined && { owner }),
  }))
  const contents = Readable.from(secrets.map(({ content }) => content).filter(({ byteLength }) => byteLength > 0))
  await feed(contents, signal, (input, ended) =>
    connection.request(
      'file.copy',
      { container, what: 'inject', files },
      { fds: [input], signal: ended, failure: { doing: 'hand over secrets' }, onProgress: () => {} },
    ),
  )
}

async function seccompKey(connection: Connection, profile: object | null): Promise<string | null> {
  if (profile === null) return null
  return (await connection.request('seccomp', { profile })).result.key
}

// With what corrects directories that layers merely imply.
async function stackOf(context: LayerContext, layers: readonly Digest[], signal?: AbortSignal): Promise<string[]> {
  const fixUp = await ensureFixUp(context, { name: fixUpId(layers), layers }, signal)
  return [...layers, ...(fixUp === null ? [] : [fixUp])].map(layerName)
}

async function execute(
  target: { readonly connection: Connection; readonly container: string; readonly template: ExecTemplate },
  { command, output }: RunStep,
  signal: AbortSignal | undefined,
): Promise<void> {
  const run = new ExecRun({ argv: [...command], options: { signal, buffer: false, stdin: 'ignore' } })
  run.begin(target)
  const written = (async () => {
    for await (const { stream, chunk } of run.output) await output?.(stream, chunk)
  })()
  await Promise.all([run, written])
}
