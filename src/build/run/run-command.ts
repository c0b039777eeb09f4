// SPDX-License-Identifier: Apache-2.0
import type { ContainerContext } from '../../container/container-context.js'
import { createContainer } from '../../container/create-container.js'
import type { InnerRequest } from '../../container/inner-request.js'
import { removeContainer, startContainer, waitForContainer } from '../../container/lifecycle.js'
import { prepareChain } from '../../image/prepare-image.js'
import type { ContainerOptions } from '../../runtime/container-options.js'
import { randomId } from '../../util/random-id.js'
import { UndoStack } from '../../util/undo-stack.js'
import type { RunVertex } from '../graph/vertex.js'
import { LastLines } from '../progress/last-lines.js'
import type { BuildTools, RunSources } from '../solver/build-tools.js'
import type { BuiltLayer } from '../solver/work.js'
import { sealStep } from '../steps/seal-step.js'
import { addMount } from './add-mount.js'
import { AgentRelay } from './agent-relay.js'
import { commandFailed } from './command-failed.js'
import { diffIdsOf } from './diff-ids.js'
import { refuseRun } from './refuse-run.js'
import type { RunOptions, Surroundings } from './run-surroundings.js'

const shownLines = 10
// BuildKit's, the same for all: some programs write it into what they make.
const hostname = 'buildkitsandbox'

/** Runs the commands of a build, each in a container of its own, which nobody else sees, whose changes become a layer. */
export function runCommands(context: ContainerContext, options: RunOptions): BuildTools['run'] {
  return async (vertex, sources, { signal, output }) => {
    refuseRun(vertex, options)
    const undo = new UndoStack()
    const surroundings: Surroundings = { mounts: [], images: {}, secrets: [], sockets: [], env: {} }
    try {
      const images = await context.images()
      const { mounted } = sources
      for (const mount of vertex.mounts) await addMount({ images, options, mounted, surroundings, undo, signal }, mount)
      return await run(context, options, { vertex, sources, surroundings, output, undo, signal })
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
  readonly undo: UndoStack
  readonly signal: AbortSignal
}

async function run(context: ContainerContext, options: RunOptions, running: Running): Promise<BuiltLayer | null> {
  const { vertex, sources, surroundings, undo, signal } = running
  const images = await context.images()
  const config = { env: vertex.env, user: vertex.user, workingDir: vertex.cwd }
  const chain = { diffIds: diffIdsOf(sources.base), config, platform: vertex.platform }
  const image = await prepareChain(images, chain, signal)
  const last = new LastLines(shownLines)
  const container = await createContainer(context, {
    image,
    reference: null,
    options: containerOptions(options, running, last),
    inner: innerRequest(surroundings, undo),
  })
  const subject = { context, container }
  undo.push('run command', () => removeContainer(subject, { force: true, volumes: true }))
  await startContainer(subject, { signal })
  const exit = await waitForContainer(subject, { signal })
  if (exit.code !== 0) throw commandFailed(vertex, exit, last.lines)
  const mountPoints = [
    ...surroundings.mounts.map(({ target }) => target),
    ...[...surroundings.secrets, ...surroundings.sockets].map(({ path }) => path),
  ]
  return await sealStep(images, { container: container.id, mountPoints }, signal)
}

function innerRequest({ mounts, images, secrets, sockets }: Surroundings, undo: UndoStack): InnerRequest {
  return {
    mounts,
    images,
    secrets,
    sockets: sockets.map(({ path, mode, uid, gid }) => ({ path, mode, uid, gid })),
    onSockets: (listeners) => {
      for (const [index, listener] of listeners.entries()) {
        const agent = sockets[index]?.agent
        if (agent === undefined) throw new TypeError('there is a socket that nobody asked for')
        const relay = new AgentRelay(listener, agent)
        undo.push('agent', () => relay.close())
      }
    },
  }
}

function containerOptions(
  { network = 'default', memory, cpus, pidsLimit }: RunOptions,
  { vertex, surroundings, output, signal }: Running,
  last: LastLines,
): ContainerOptions {
  const proxy = Object.fromEntries(vertex.proxy.map((entry) => splitVariable(entry)))
  const wanted = vertex.network === 'default' ? network : vertex.network
  const take = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => {
    last.add(stream, chunk)
    output(stream, chunk)
  }
  return {
    name: `build-${randomId().slice(0, 24)}`,
    hostname,
    entrypoint: [],
    // The command is the first process, as everywhere else.
    init: false,
    command: vertex.args,
    env: { ...proxy, ...surroundings.env },
    ...(wanted !== 'default' && { network: wanted }),
    extraHosts: vertex.hosts,
    // Programs with set-id bits are what many of them are about.
    noNewPrivileges: false,
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

function splitVariable(entry: string): readonly [string, string] {
  const equals = entry.indexOf('=')
  return [entry.slice(0, equals), entry.slice(equals + 1)]
}
