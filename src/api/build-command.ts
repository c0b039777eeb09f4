// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildOptions, BuildSecret } from '../build/build-options.js'
import type { CacheMount, RunMount, SecretMount, SshMount } from '../build/graph/run-mount.js'
import type { RunVertex } from '../build/graph/vertex.js'
import { LastLines } from '../build/progress/last-lines.js'
import type { BuildTools, RunSources } from '../build/solver/build-tools.js'
import type { BuiltLayer, Root } from '../build/solver/work.js'
import { sealStep } from '../build/steps/seal-step.js'
import { createContainer } from '../container/create-container.js'
import { removeContainer, startContainer, waitForContainer } from '../container/lifecycle.js'
import { EngineError } from '../errors/engine-error.js'
import type { ExitStatus } from '../errors/exit-status.js'
import { quoted } from '../errors/printable.js'
import { type PreparedImage, prepareChain } from '../image/prepare-image.js'
import { FileLocker } from '../native/file-lock.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { InjectedFile } from '../runtime/injected-file.js'
import type { Mount } from '../runtime/mount-options.js'
import { UndoStack } from '../util/undo-stack.js'
import type { EngineCore } from './engine-core.js'

const locker = new FileLocker()
const shownLines = 10
const secretsDirectory = '/run/secrets'

type RunOptions = Pick<BuildOptions, 'network' | 'secrets' | 'ssh' | 'memory' | 'cpus' | 'pidsLimit'>

/** What a command sees beside the root it runs on. */
interface Surroundings {
  readonly mounts: Mount[]
  readonly env: Record<string, string>
  /** Written into the container's memory before the command begins. */
  readonly files: InjectedFile[]
  readonly images: Map<string, PreparedImage>
  readonly signal: AbortSignal
  readonly undo: UndoStack
}

/** Runs the commands of a build, each in a container of its own whose changes become a layer. */
export function buildCommands(core: EngineCore, options: RunOptions): BuildTools['run'] {
  return async (vertex, sources, { signal, output }) => {
    refuse(vertex, options)
    const undo = new UndoStack()
    const surroundings: Surroundings = { mounts: [], env: {}, files: [], images: new Map(), signal, undo }
    try {
      for (const mount of vertex.mounts) await addMount(core, options, { mount, sources, surroundings })
      return await runIn(core, options, { vertex, sources, surroundings, output })
    } finally {
      await undo.undo()
    }
  }
}

interface Running {
  readonly vertex: RunVertex
  readonly sources: RunSources
  readonly surroundings: Surroundings
  readonly output: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
}

async function runIn(
  core: EngineCore,
  options: RunOptions,
  { vertex, sources, surroundings, output }: Running,
): Promise<BuiltLayer | null> {
  const { signal, mounts, images, undo } = surroundings
  const context = await core.images()
  const config = { env: vertex.env, user: vertex.user, workingDir: vertex.cwd }
  const chain = { diffIds: diffIdsOf(sources.base), config, platform: vertex.platform }
  const image = await prepareChain(context, chain, signal)
  const last = new LastLines(shownLines)
  const take = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => {
    last.add(stream, chunk)
    output(stream, chunk)
  }
  const container = await createContainer(core, {
    image,
    reference: null,
    mountedImages: images,
    options: containerOptions(options, vertex, surroundings, take),
  })
  const subject = { context: core, container }
  undo.push('run command', () => removeContainer(subject, { force: true, volumes: true }))
  await startContainer(subject, { signal })
  const exit = await waitForContainer(subject, { signal })
  if (exit.code !== 0) throw failed(vertex, exit, last.lines)
  const mountPoints = mounts.map(({ target }) => target)
  return await sealStep(context, { container: container.id, mountPoints }, signal)
}

function containerOptions(
  { network = 'default', memory, cpus, pidsLimit }: RunOptions,
  vertex: RunVertex,
  { mounts, files, env, signal }: Surroundings,
  take: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void,
): ContainerOptions {
  const proxy = Object.fromEntries(vertex.proxy.map((entry) => splitVariable(entry)))
  const wanted = vertex.network === 'default' ? network : vertex.network
  return {
    entrypoint: [],
    // The command is the first process, as everywhere else.
    init: false,
    command: vertex.args,
    env: { ...proxy, ...env },
    mounts,
    files,
    ...(wanted !== 'default' && { network: wanted }),
    // Programs with set-id bits are what many of them are about.
    noNewPrivileges: false,
    labels: { 'dev.tscontainer.build': 'true' },
    logs: {
      driver: 'callback',
      onEntry: ({ stream, bytes, partial }) =>
        take(stream, partial ? bytes : Buffer.concat([bytes, Buffer.from('\n')])),
    },
    memory,
    cpus,
    pidsLimit,
    signal,
  }
}

interface Adding {
  readonly mount: RunMount
  readonly sources: RunSources
  readonly surroundings: Surroundings
}

async function addMount(
  core: EngineCore,
  options: RunOptions,
  { mount, sources, surroundings }: Adding,
): Promise<void> {
  switch (mount.kind) {
    case 'tmpfs':
      surroundings.mounts.push({ type: 'tmpfs', target: mount.target, size: mount.sizeBytes, exec: true })
      return
    case 'bind': {
      if (!mount.readOnly) throw unsupported(`RUN --mount=type=bind,target=${mount.target},rw`, 'copy what is changed')
      const root = sources.binds.get(mount.target) ?? { layers: [] }
      await addRoot(core, root, { target: mount.target, source: mount.source, surroundings })
      return
    }
    case 'cache':
      return await addCache(core, mount, surroundings)
    case 'secret':
      return await addSecret(core, options, mount, surroundings)
    case 'ssh':
      addSsh(options, mount, surroundings)
  }
}

async function addRoot(
  core: EngineCore,
  root: Root,
  {
    target,
    source,
    surroundings,
  }: { readonly target: string; readonly source: string; readonly surroundings: Surroundings },
): Promise<void> {
  const { mounts, images, signal } = surroundings
  const platform = { os: 'linux', architecture: 'amd64' }
  const chain = { diffIds: diffIdsOf(root), config: {}, platform }
  const prepared = await prepareChain(await core.images(), chain, signal)
  images.set(prepared.digest, prepared)
  const subpath = source.replace(/^\/+/, '')
  mounts.push({ type: 'image', source: prepared.digest, target, ...(subpath !== '' && { subpath }) })
}

async function addCache(core: EngineCore, mount: CacheMount, { mounts, undo, signal }: Surroundings): Promise<void> {
  const { id, target, sharing, from, uid = 0, gid = 0, mode, readOnly } = mount
  if (from) throw unsupported(`RUN --mount=type=cache,target=${target},from=…`, 'fill the cache in a RUN')
  if (uid !== 0 || gid !== 0 || mode !== undefined)
    throw unsupported(`RUN --mount=type=cache,target=${target} with uid, gid or mode`, 'set owner and mode in the RUN')
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16)
  const { locks } = (await core.images()).store.paths
  const lockOf = (number: number) => join(locks, `build-cache-${hash}-${number}.lock`)
  let number = 0
  if (sharing === 'locked') {
    const held = await locker.lock(lockOf(0), 'exclusive', { signal })
    undo.push('lock cache', () => held.release())
  } else if (sharing === 'private') {
    for (; ; number++) {
      const held = await locker.tryLock(lockOf(number), 'exclusive')
      if (!held) continue
      undo.push('lock cache', () => held.release())
      break
    }
  } else {
    const held = await locker.lock(lockOf(0), 'shared', { signal })
    undo.push('lock cache', () => held.release())
  }
  const source = `build-cache-${hash}${number === 0 ? '' : `-${number}`}`
  mounts.push({ type: 'volume', source, target, nocopy: true, readonly: readOnly })
}

async function addSecret(
  core: EngineCore,
  { secrets = {} }: RunOptions,
  { id, target, env, required, mode, uid = 0, gid = 0 }: SecretMount,
  { mounts, files, undo, ...surroundings }: Surroundings,
): Promise<void> {
  const secret = secrets[id]
  if (secret === undefined) {
    if (required) throw missing('secret', id, `secrets: { ${quoted(id)}: … }`)
    return
  }
  const content = await contentOf(secret, id)
  if (env !== undefined) surroundings.env[env] = Buffer.from(content).toString()
  if (target === undefined) return
  if (uid !== 0 || gid !== 0)
    throw unsupported(`RUN --mount=type=secret,id=${id} with uid or gid`, 'give it a mode that others can read')
  if (target.startsWith(`${secretsDirectory}/`)) {
    // Of its own memory, which is gone with it whoever is killed.
    if (!mounts.some((mount) => mount.target === secretsDirectory))
      mounts.push({ type: 'tmpfs', target: secretsDirectory, size: '8m', mode: 0o755 })
    files.push({ path: target, content, mode: mode ?? 0o400 })
    return
  }
  await mkdir(core.runRoot, { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(join(core.runRoot, 'secret-'))
  undo.push('remove secret', () => rm(directory, { recursive: true, force: true }))
  const source = join(directory, 'secret')
  await writeFile(source, content, { mode: mode ?? 0o400 })
  mounts.push({ type: 'bind', source, target, readonly: true })
}

async function contentOf(secret: BuildSecret, id: string): Promise<string | Uint8Array> {
  if (typeof secret === 'string' || secret instanceof Uint8Array) return secret
  if ('file' in secret) return await readFile(secret.file)
  const value = process.env[secret.env]
  if (value === undefined) throw missing('secret', id, `set the variable ${secret.env}`)
  return value
}

function addSsh({ ssh = {} }: RunOptions, { id, target, required }: SshMount, { mounts, env }: Surroundings): void {
  const socket = ssh[id]
  const inside =
    target ?? `/run/buildkit/ssh_agent.${mounts.filter(({ target }) => target.startsWith('/run/buildkit/')).length}`
  // Where it would be, also where there is none.
  env.SSH_AUTH_SOCK ??= inside
  if (socket === undefined) {
    if (required) throw missing('ssh agent', id, `ssh: { ${quoted(id)}: process.env.SSH_AUTH_SOCK }`)
    return
  }
  mounts.push({ type: 'bind', source: socket, target: inside })
}

function refuse({ security, devices, network }: RunVertex, options: RunOptions): void {
  if (network === 'host' && options.network !== 'host')
    throw unsupported("RUN --network=host in a build that has not the host's network", "build with network: 'host'")
  if (security === 'insecure')
    throw unsupported('RUN --security=insecure', 'run it in a container with privileged: true')
  if (devices.length > 0) throw unsupported('RUN --device', 'run it in a container with devices')
}

function failed(
  { origin, args }: RunVertex,
  { code, signal, oomKilled }: ExitStatus,
  lines: readonly string[],
): EngineError {
  const how = oomKilled ? 'was killed for want of memory' : signal ? `was ended by ${signal}` : `ended with ${code}`
  const text = origin?.text ?? args.join(' ')
  const tail = lines.length > 0 ? `\n  ${lines.join('\n  ')}` : ''
  return new EngineError({
    code: 'ERR_BUILD_FAILED',
    message: `the command ${how}${tail}`,
    object: text,
  })
}

function unsupported(what: string, hint: string): EngineError {
  return new EngineError({ code: 'ERR_UNSUPPORTED', message: `${what} is not supported`, hint })
}

function missing(kind: string, id: string, hint: string): EngineError {
  return new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `there is no ${kind} ${quoted(id)}`,
    object: id,
    hint,
  })
}

const diffIdsOf = ({ layers }: Root) => layers.filter(({ isEmpty }) => !isEmpty).map(({ diffId }) => diffId)

function splitVariable(entry: string): readonly [string, string] {
  const equals = entry.indexOf('=')
  return [entry.slice(0, equals), entry.slice(equals + 1)]
}
