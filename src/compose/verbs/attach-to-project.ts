// SPDX-License-Identifier: Apache-2.0
import type { ViewTarget } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers } from '../run/project-containers.js'
import type { ProjectIdentity, RunningProject } from '../run/running-project.js'
import { LogView, type LogViewOptions } from './log-view.js'
import { type ProjectLogEnd, ProjectLogReader, type ProjectLogsOptions, projectLogsShape } from './project-logs.js'

/** What to show of a project, where and how. */
export interface ProjectAttachOptions extends Omit<ProjectLogsOptions, 'follow'>, LogViewOptions {
  /** Where it is written; `process.stdout` by default. */
  readonly target?: ViewTarget | undefined
  /** False: it goes on when no container runs any more, until the signal aborts; true by default. */
  readonly untilStopped?: boolean | undefined
}

const { follow, ...logsShape } = projectLogsShape
export const projectAttachShape: Shape<ProjectAttachOptions> = {
  ...logsShape,
  colours: check.boolean,
  prefix: check.boolean,
  timestamps: check.boolean,
  raw: check.boolean,
  untilStopped: check.boolean,
  target: check.any,
}

/**
 * Shows what the containers of a project write as `docker compose up` does, those that come later too: behind their names, and how they end. From
 * now on, unless `tail` or `since` say otherwise. Resolves when none of them runs any more; rejects with the signal's reason.
 */
export async function attachToProject(project: RunningProject, options: ProjectAttachOptions = {}): Promise<void> {
  checkOptions<ProjectAttachOptions>(options, projectAttachShape)
  const { target = process.stdout, colours, prefix, timestamps, raw, untilStopped = true, ...logs } = options
  const { services, since, tail = since ? undefined : 0, signal } = logs
  const view = new LogView(target, { colours, prefix, timestamps, raw })
  const reader = new ProjectLogReader(project, { ...logs, tail, follow: true })
  const known = await findContainers(project, { services, all: true, signal })
  view.expect(known.map(({ container }) => shortName(project, container.name)))
  const isOver = async () => untilStopped && (await findContainers(project, { services })).length === 0
  if (await isOver()) return
  for await (const item of reader.items()) {
    const name = shortName(project, item.container)
    if ('timeNs' in item) view.show(name, item)
    else view.note(name, endOf(item))
    if ('exit' in item && !reader.owesEnds && (await isOver())) return
  }
}

function endOf({ exit }: ProjectLogEnd): string {
  if (exit === null) return 'was removed'
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal} (${exit.code})`
}

/** What a container is called among those of its project: `web-1`, unless it has a name of its own. */
export function shortName({ origin }: Pick<ProjectIdentity, 'origin'>, name: string): string {
  return name.startsWith(`${origin.name}-`) ? name.slice(origin.name.length + 1) : name
}
