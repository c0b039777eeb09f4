// SPDX-License-Identifier: Apache-2.0
import type { Container } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'
import type { HookModel } from '../model/service-parts.js'
import type { TellProgress } from '../progress/project-progress.js'

/** Whose hooks are run, where. */
export interface HookRun {
  readonly service: string
  readonly model: ServiceModel | undefined
  readonly container: Container
  readonly tell: TellProgress
}

/** Runs the commands of a service beside a container that runs, one after the other. ERR_EXEC_FAILED for one that fails. */
export async function runHooks(hook: 'post_start' | 'pre_stop', run: HookRun): Promise<void> {
  for (const one of run.model?.[hook] ?? []) await runHook(hook, one, run)
}

async function runHook(hook: 'post_start' | 'pre_stop', model: HookModel, run: HookRun): Promise<void> {
  const { service, container, tell } = run
  const command = model.command ?? []
  if (command.length === 0) return
  if (model.privileged && !run.model?.privileged) tell(unprivileged(hook, service))
  const event = { type: 'hook', service, name: container.name, hook, command } as const
  tell({ ...event, phase: 'started' })
  await container.exec(command, { user: model.user, cwd: model.working_dir, env: given(model.environment ?? {}) })
  tell({ ...event, phase: 'done' })
}

const unprivileged = (hook: string, service: string) =>
  ({
    type: 'warning',
    kind: 'hook',
    name: service,
    message: `services.${service}.${hook}: commands have the privileges of their container; say privileged: true of the service`,
  }) as const

const given = (environment: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null))
