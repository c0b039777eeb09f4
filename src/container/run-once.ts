// SPDX-License-Identifier: Apache-2.0
import { checkExec } from '../runtime/check-exec-options.js'
import { mainCommand } from '../runtime/command.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { ExecOptions } from '../runtime/exec-options.js'
import { withExecDefaults } from '../runtime/exec-process.js'
import { ExecRun } from '../runtime/exec-run.js'
import { kindOf, setKind } from '../runtime/option-kinds.js'
import type { ContainerContext } from './container-context.js'
import { containerError } from './container-error.js'
import { linkTo } from './container-link.js'
import { type CreateRequest, createContainer } from './create-container.js'
import { removeContainer, startContainer } from './lifecycle.js'
import type { TrackedContainer } from './tracked-container.js'

/** What an exec of one command in a container of its own is made of. */
export interface OneShot {
  readonly argv: readonly string[]
  /** Checked; `idle`, `command` and what belongs to the command itself are left out of it. */
  readonly options: ContainerOptions
  readonly execOptions: ExecOptions
  /** The engine and the image, once they are there. */
  prepare(): Promise<{ readonly context: ContainerContext; readonly image: Omit<CreateRequest, 'options'> }>
}

/** Makes a container, runs one command in it and removes it, whatever happens; a promise of the command's result. */
export function runOnce<T extends string | Uint8Array>({ argv, options, execOptions, prepare }: OneShot): ExecRun<T> {
  checkExec(argv, execOptions)
  let made: { readonly context: ContainerContext; readonly container: TrackedContainer } | undefined
  const run = new ExecRun<T>({
    argv: [...argv],
    options: withExecDefaults(execOptions, options.execDefaults),
    cleanUp: async () => {
      if (made) await removeContainer(made, { force: true, volumes: true })
    },
    explain: (error) => containerError(error, 'exec', made?.container.name ?? 'to be'),
  })
  const go = async () => {
    options.signal?.throwIfAborted()
    const { context, image } = await prepare()
    const container = await createContainer(context, {
      ...image,
      options: idleOptions(options),
    })
    made = { context, container }
    await startContainer(made, { signal: options.signal })
    const connection = await linkTo(context, container)
    const template = container.record?.exec
    if (template === undefined) return
    run.argv = mainCommand({ entrypoint: options.entrypoint, command: argv }, image.image.config)
    run.begin({ connection, container: container.id, template })
  }
  go().catch((error) => run.fail(error))
  return run
}

const idleKinds = new WeakMap<ContainerOptions, ContainerOptions>()

// Nothing runs in it but the command, whatever the engine's defaults say. Those of one kind stay of one kind.
function idleOptions(options: ContainerOptions): ContainerOptions {
  const own: ContainerOptions = { ...options, ...idle }
  const kind = kindOf(options)
  if (kind === undefined) return own
  const known = idleKinds.get(kind) ?? Object.freeze({ ...kind, ...idle })
  idleKinds.set(kind, known)
  setKind(own, known)
  return own
}

const idle = { idle: true, entrypoint: undefined, restart: undefined, idleTimeoutMs: undefined } as const
