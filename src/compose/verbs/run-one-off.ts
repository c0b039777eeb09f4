// SPDX-License-Identifier: Apache-2.0
import { type Attachment, type Container, EngineError, type ExitStatus } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { ServiceModel } from '../model/service-model.js'
import type { ProjectProgress, TellProgress } from '../progress/project-progress.js'
import { bringUp } from '../run/bring-up.js'
import { makeContainer } from '../run/make-container.js'
import { planRequestOf } from '../run/plan-request-of.js'
import { prepareUp } from '../run/prepare-up.js'
import { findContainers } from '../run/project-containers.js'
import { whileLocked } from '../run/project-lock.js'
import type { RunningProject } from '../run/running-project.js'
import { untilCompleted, untilHealthy } from '../run/until-condition.js'
import type { Keeper } from '../run/up-context.js'
import { checkService } from './service-choice.js'

/** How one command of a service is run in a container of its own. */
export interface ServiceRunOptions {
  /** Variables over those of the service. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** In place of the service's; `[]` for none. */
  readonly entrypoint?: readonly string[] | undefined
  /** In place of the service's. */
  readonly user?: string | undefined
  /** In place of the service's. */
  readonly workdir?: string | undefined
  /** `project-service-run-<id>` by default. */
  readonly name?: string | undefined
  /** Beside those of the service. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Whether the service's ports are published; false by default, since its own containers have them. */
  readonly servicePorts?: boolean | undefined
  /** Whether the service's name and aliases lead to it, too; false by default. */
  readonly aliases?: boolean | undefined
  /** Leaves alone what the service depends on, which is started otherwise. */
  readonly noDeps?: boolean | undefined
  /** What it reads: nothing by default, a text, or our own input. */
  readonly stdin?: 'ignore' | 'inherit' | string | Uint8Array | undefined
  /** Whether it has a terminal; the service's by default. */
  readonly tty?: boolean | undefined
  /** `'pipe'` by default: it is in the result. */
  readonly output?: 'pipe' | 'inherit' | 'ignore' | undefined
  /** False: the promise resolves when it runs, `exit` is null, and it stays; true by default. */
  readonly wait?: boolean | undefined
  /** Whether it is removed when it has ended; by default it is, unless `wait` is false. */
  readonly remove?: boolean | undefined
  /** Whether another exit than 0 rejects with ERR_CONTAINER_EXITED; true by default. */
  readonly check?: boolean | undefined
  /** Whether it outlives this process; false by default. */
  readonly detached?: boolean | undefined
  /** Told of everything that happens before it runs. */
  readonly onProgress?: ((event: ProjectProgress) => void) | undefined
  /** Aborted: it is removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const serviceRunShape: Shape<ServiceRunOptions> = {
  env: check.recordOf(check.string),
  entrypoint: check.arrayOf(check.string),
  user: check.nonEmptyString,
  workdir: check.nonEmptyString,
  name: check.nonEmptyString,
  labels: check.recordOf(check.string),
  servicePorts: check.boolean,
  aliases: check.boolean,
  noDeps: check.boolean,
  stdin: check.anyOf('a text or bytes', check.string, check.instanceOf(Uint8Array)),
  tty: check.boolean,
  output: check.oneOf('pipe', 'inherit', 'ignore'),
  wait: check.boolean,
  remove: check.boolean,
  check: check.boolean,
  detached: check.boolean,
  onProgress: check.function,
  signal: check.signal,
}

/** What came of it. */
export interface ServiceRunResult {
  /** Removed by now, unless it was to stay. */
  readonly container: Container
  /** How it ended; null: it runs. */
  readonly exit: ExitStatus | null
  /** What it wrote, with `output: 'pipe'`; of a terminal everything. */
  readonly stdout: string
  /** Likewise. */
  readonly stderr: string
}

/** Refuses what is malformed. */
export function checkServiceRun(
  project: RunningProject,
  service: string,
  argv: readonly string[] | undefined,
  options: ServiceRunOptions,
): void {
  checkOptions<ServiceRunOptions>(options, serviceRunShape)
  checkService(project, service)
  if (argv !== undefined) check.arrayOf(check.string)(argv, 'argv')
}

/** Runs a command in a new container of a service, which is none of those that `up` looks after. */
export async function runOneOff(
  project: RunningProject,
  service: string,
  argv: readonly string[] | undefined,
  {
    options,
    tell,
    keeper,
  }: { readonly options: ServiceRunOptions; readonly tell: TellProgress; readonly keeper: Keeper },
): Promise<ServiceRunResult> {
  const { wait = true, remove = wait, signal } = options
  signal?.throwIfAborted()
  const enabled = withService(project, service)
  if (!options.noDeps) await bringDependencies(enabled, service, { options, tell, keeper })
  const container = await make(enabled, { service, argv, options, tell, keeper })
  let ended = false
  try {
    const result = wait ? await untilEnd(container, options) : await started(container, signal)
    ended = true
    if (remove && wait) await container.remove({ force: true, volumes: true })
    if (result.exit !== null && result.exit.code !== 0 && options.check !== false) throw failed(service, result)
    return result
  } catch (error) {
    if (!ended) await container.remove({ force: true, volumes: true })
    throw error
  }
}

// One that no profile wants can be run all the same.
function withService(project: RunningProject, service: string): RunningProject {
  const { [service]: own, ...disabled } = project.disabled
  if (own === undefined) return project
  return { ...project, disabled, model: { ...project.model, services: { ...project.model.services, [service]: own } } }
}

interface Around {
  readonly options: ServiceRunOptions
  readonly tell: TellProgress
  readonly keeper: Keeper
}

async function bringDependencies(project: RunningProject, service: string, { options, tell, keeper }: Around) {
  const { detached, signal } = options
  const needs = Object.entries(project.model.services[service]?.depends_on ?? {})
  if (needs.length === 0) return
  const services = needs.map(([name]) => name)
  await bringUp(project, { options: { services, noRecreate: true, detached, signal }, tell, keeper })
  const found = await findContainers(project, { services, all: true, signal })
  const conditions = needs.flatMap(([name, { condition }]) =>
    found.filter((one) => one.service === name).map(({ container }) => ({ container, condition })),
  )
  await Promise.all(
    conditions.map(async ({ container, condition }) => {
      if (condition === 'service_healthy') await untilHealthy(container, signal)
      if (condition === 'service_completed_successfully') await untilCompleted(container, signal)
    }),
  )
}

interface OneOff extends Around {
  readonly service: string
  readonly argv: readonly string[] | undefined
}

async function make(project: RunningProject, { service, argv, options, tell, keeper }: OneOff): Promise<Container> {
  const signal = options.signal ?? new AbortController().signal
  const up = { services: [service], noDeps: true, noRecreate: true, noStart: true } as const
  const request = planRequestOf(project, up)
  return await whileLocked(project, signal, async () => {
    const { resources } = await prepareUp({ project, request, options: up, tell, keeper, signal })
    const there = await findContainers(project, { all: true, signal })
    const services = new Set(there.map((one) => one.service))
    const own = (name: string) => there.filter((one) => one.service === name).map(({ container }) => container)
    const containers = new Map([...services].map((name) => [name, own(name)]))
    const overrides = overridesOf(project.model.services[service] ?? {}, argv, options)
    const making = { project, resources, containers, detached: options.detached ?? false, tell, signal }
    const asked = { service, number: 1, oneoff: true, overrides, aliases: options.aliases ?? false }
    const container = await makeContainer(asked, making)
    keeper.container(container)
    return container
  })
}

function overridesOf(
  model: ServiceModel,
  argv: readonly string[] | undefined,
  { env, entrypoint, user, workdir, name, labels, servicePorts, stdin = 'ignore', tty }: ServiceRunOptions,
): Partial<ServiceModel> {
  return {
    restart: 'no',
    stdin_open: stdin !== 'ignore',
    container_name: name,
    ...(!servicePorts && { ports: [] }),
    ...(argv !== undefined && { command: argv }),
    ...(entrypoint !== undefined && { entrypoint }),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { working_dir: workdir }),
    ...(tty !== undefined && { tty }),
    ...(env !== undefined && { environment: { ...model.environment, ...env } }),
    ...(labels !== undefined && { labels: { ...model.labels, ...labels } }),
    ...(model.deploy !== undefined && { deploy: { ...model.deploy, restart_policy: undefined } }),
  }
}

async function started(container: Container, signal: AbortSignal | undefined): Promise<ServiceRunResult> {
  await container.start({ signal })
  return { container, exit: null, stdout: '', stderr: '' }
}

async function untilEnd(container: Container, options: ServiceRunOptions): Promise<ServiceRunResult> {
  const { stdin = 'ignore', output = 'pipe', signal } = options
  const attachment = container.attach({ stdin, stdout: output, stderr: output, whenSlow: 'wait', signal })
  await attachment.attached()
  const [stdout, stderr] = [textOf(attachment, 'stdout', output), textOf(attachment, 'stderr', output)]
  await container.start({ signal })
  const exit = await container.wait({ signal })
  return { container, exit, stdout: await stdout, stderr: await stderr }
}

async function textOf(
  attachment: Attachment,
  name: 'stdout' | 'stderr',
  output: NonNullable<ServiceRunOptions['output']>,
): Promise<string> {
  if (output !== 'pipe') return ''
  const chunks: Uint8Array[] = []
  for await (const chunk of attachment[name]) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function failed(service: string, { container, exit, stderr, stdout }: ServiceRunResult): EngineError {
  const last = (stderr || stdout).trimEnd().split('\n').slice(-20)
  const lines = last.join('') === '' ? '' : `; its last lines:\n${last.map((line) => `  ${line}`).join('\n')}`
  return new EngineError({
    code: 'ERR_CONTAINER_EXITED',
    message: `the command of service '${service}' ended with exit code ${exit?.code}${lines}`,
    object: container.name,
    exit: exit as ExitStatus,
    logs: [],
  })
}
