// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ResourcesSpec } from '../oci/runtime-spec-linux.js'
import { checkExec } from '../runtime/check-exec-options.js'
import { execLimits } from '../runtime/exec-limits.js'
import type { ExecOptions } from '../runtime/exec-options.js'
import { withExecDefaults } from '../runtime/exec-process.js'
import { ExecRun } from '../runtime/exec-run.js'
import type { ContainerContext } from './container-context.js'
import { containerError } from './container-error.js'
import { linkTo, openLink } from './container-link.js'
import { requireLegal } from './container-state.js'
import type { Subject } from './operate.js'
import type { TrackedContainer } from './tracked-container.js'

/** Runs a command in a running container. Arguments that are refused throw; all else is told by the promise. */
export function execInContainer<T extends string | Uint8Array>(
  { context, container }: Subject,
  argv: readonly string[],
  options: ExecOptions = {},
): ExecRun<T> {
  checkExec(argv, options)
  const run = new ExecRun<T>({
    argv: [...argv],
    options: withExecDefaults(options, container.record?.execDefaults),
    explain: (error) => containerError(error, 'exec', container.name),
    containerEnded: () => container.endedByUs,
  })
  try {
    options.signal?.throwIfAborted()
    requireLegal('exec', container)
    const target = { container: container.id, template: templateOf(container) }
    const connection = openLink(container)
    if (connection && !options.limits) return run.begin({ ...target, connection })
    Promise.all([linkTo(context, container), limitsOf(context, options)]).then(
      ([found, limits]) => run.begin({ ...target, connection: found, limits }),
      (error) => run.fail(error),
    )
  } catch (error) {
    run.fail(error)
  }
  return run
}

/** The same in a container that is still to be found: what is said of the command holds alone, not its `execDefaults`. */
export function execWhenFound<T extends string | Uint8Array>(
  find: () => Promise<Subject>,
  argv: readonly string[],
  options: ExecOptions = {},
): ExecRun<T> {
  checkExec(argv, options)
  let found: TrackedContainer | undefined
  const run = new ExecRun<T>({
    argv: [...argv],
    options: withExecDefaults(options, undefined),
    explain: (error) => containerError(error, 'exec', found?.name ?? 'to be'),
    containerEnded: () => found?.endedByUs ?? false,
  })
  const go = async () => {
    options.signal?.throwIfAborted()
    const { context, container } = await find()
    found = container
    requireLegal('exec', container)
    const [connection, limits] = await Promise.all([linkTo(context, container), limitsOf(context, options)])
    options.signal?.throwIfAborted()
    run.begin({ container: container.id, template: templateOf(container), connection, limits })
  }
  go().catch((error) => run.fail(error))
  return run
}

async function limitsOf(context: ContainerContext, { limits }: ExecOptions): Promise<ResourcesSpec | undefined> {
  if (limits === undefined) return undefined
  const { facts } = await context.supervisor()
  return execLimits(limits, facts)
}

function templateOf({ record, name }: TrackedContainer) {
  if (record) return record.exec
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `container '${name}' was made by another version of this engine`,
    hint: 'use the version that made it, or remove it',
  })
}
