// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { check, type Shape } from '../../util/validate.js'
import type { RunningProject } from '../run/running-project.js'

/** Which services. */
export interface ServiceChoice {
  /** All by default. ERR_INVALID_ARGUMENT for one that the project does not have. */
  readonly services?: readonly string[] | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const choiceShape: Shape<ServiceChoice> = {
  services: check.arrayOf(check.nonEmptyString),
  signal: check.signal,
}

/** Refuses a service that the project has neither in its files nor, by `running`, among its containers. */
export function checkService(
  { model, disabled, origin }: RunningProject,
  service: unknown,
  option = 'service',
  running: readonly { readonly service: string }[] = [],
): asserts service is string {
  const known = (name: string) =>
    Object.hasOwn(model.services, name) ||
    Object.hasOwn(disabled, name) ||
    running.some((container) => container.service === name)
  if (typeof service === 'string' && known(service)) return
  const names = Object.keys(model.services).join(', ')
  throw invalidArgument(
    option,
    `${quoted(service)} is no service of the project '${origin.name}'`,
    names === '' ? undefined : `its services are: ${names}`,
  )
}

/** Likewise each of them. */
export function checkServices(
  project: RunningProject,
  services: readonly string[] | undefined,
  running: readonly { readonly service: string }[] = [],
): void {
  for (const [index, service] of (services ?? []).entries())
    checkService(project, service, `services[${index}]`, running)
}
