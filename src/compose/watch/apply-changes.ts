// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import type { Container } from 'tscontainer'
import type { HookModel } from '../model/service-parts.js'
import type { TreeChanges } from './tree-watch.js'

/** Files that go into a container. */
export interface FileChanges extends TreeChanges {
  /** Of the host: what the paths are relative to. */
  readonly path: string
  /** Where that is inside. */
  readonly target: string
  /** Whom the files belong to; the container's root by default. */
  readonly owner: string | undefined
}

/** Does inside what was done on the host: removes first, then copies all of it at once. */
export async function applyChanges(container: Container, changes: FileChanges, signal: AbortSignal): Promise<void> {
  const { path, target, written, removed, owner } = changes
  const inside = (below: string) => (below === '' ? target : posix.join(target, below))
  await Promise.all(
    [...removed].map((below) => container.fs.rm(inside(below), { recursive: true, force: true, signal })),
  )
  if (written.size === 0) return
  const above = new Set([...written].flatMap(parentsOf))
  const filter = ({ path: below }: { readonly path: string }) => written.has(below) || above.has(below)
  await container.fs.copyIn(path, target, {
    signal,
    owner,
    ...(!written.has('') && { filter }),
  })
}

/** Runs the command of `sync+exec`; its exit code. */
export async function runHook(container: Container, hook: HookModel, signal: AbortSignal): Promise<number> {
  const { command = [], user, working_dir: cwd, environment = {} } = hook
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null)
  const env = Object.fromEntries(given)
  const { exitCode } = await container.exec(command, { user, cwd, env, check: false, signal })
  return exitCode
}

function parentsOf(path: string): readonly string[] {
  const parents: string[] = []
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    parents.push(path.slice(0, slash))
  return parents
}
