// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { BindMount, InjectedFile } from 'tscontainer'
import type { FileMountModel } from '../model/build-model.js'
import type { ContentModel } from '../model/project-model.js'
import { Reporter } from './reporter.js'
import type { Translation } from './translation.js'

/** How configs and secrets come into a container. */
export interface ContentFiles {
  readonly mounts: readonly BindMount[]
  readonly files: readonly InjectedFile[]
}

type Kind = 'configs' | 'secrets'

const places: Readonly<Record<Kind, string>> = { configs: '/', secrets: '/run/secrets/' }
const defaultMode = 0o444

/**
 * A file of the host is bound, read-only, so that changes of it are seen, as Docker Compose does it; where its owner or mode is given it is
 * copied in with these when the container is made. What is written in the project, or comes from a variable, is a file of its own.
 */
export async function contentFiles(translation: Translation): Promise<ContentFiles> {
  const mounts: BindMount[] = []
  const files: InjectedFile[] = []
  for (const kind of ['configs', 'secrets'] as const) {
    for (const [index, entry] of (translation.model[kind] ?? []).entries()) {
      const found = await contentOf(translation, kind, { entry, index })
      if ('type' in found) mounts.push(found)
      else files.push(found)
    }
  }
  return { mounts, files }
}

interface Use {
  readonly entry: FileMountModel
  readonly index: number
}

async function contentOf(
  { project, reporter }: Translation,
  kind: Kind,
  { entry, index }: Use,
): Promise<BindMount | InjectedFile> {
  const { source, target: given = source, uid, gid, mode } = entry
  const target = posix.resolve(places[kind], given)
  const content = project.model[kind][source] ?? reporter.refuse([kind, index], `there is no ${source}`)
  const owner = uid === undefined && gid === undefined ? {} : { owner: `${uid ?? '0'}:${gid ?? '0'}` }
  const at = new Reporter(project.model, [kind, source])
  const { file } = content
  if (file === undefined) {
    return { path: target, content: textOf(content, kind, at), mode: mode ?? defaultMode, ...owner }
  }
  const isDirectory = await isDirectoryAt(file, at)
  if (uid === undefined && gid === undefined && mode === undefined)
    return { type: 'bind', source: file, target, readonly: true }
  if (!isDirectory) return { path: target, source: file, mode: mode ?? defaultMode, ...owner }
  reporter.report([kind, index], 'a directory has the owners and modes that it has on the host')
  return { type: 'bind', source: file, target, readonly: true }
}

function textOf({ external, environment, content }: ContentModel, kind: Kind, at: Reporter): string {
  if (external)
    at.unsupported(
      ['external'],
      `${kind} that are kept elsewhere are an orchestrator’s`,
      'give it a file, or environment',
    )
  if (content !== undefined) return content
  if (environment !== undefined) at.refuse(['environment'], `the variable ${environment} is not set`)
  return at.unsupported([], 'only an orchestrator has what its driver keeps', 'give it a file, or environment')
}

async function isDirectoryAt(file: string, at: Reporter): Promise<boolean> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) =>
    at.refuse(['file'], `${file} cannot be read (${cause.code})`),
  )
  return found.isDirectory()
}
