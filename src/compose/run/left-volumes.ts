// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Volume } from 'tscontainer'
import { readRegularFile, writeFileAtomic } from '../../util/atomic-file.js'
import { type AnonymousVolumes, removeVolumes } from './anonymous-volumes.js'
import type { ProjectIdentity } from './running-project.js'

/** Whose successor. */
export interface Successor {
  readonly service: string
  readonly number: number
}

const maxBytes = 1024 * 1024

/** Writes down what a container leaves to its successor, before it goes: a program that is killed in between loses nothing. */
export async function noteLeft(project: ProjectIdentity, one: Successor, volumes: AnonymousVolumes): Promise<void> {
  if (volumes.size === 0) return
  await mkdir(directoryOf(project), { recursive: true, mode: 0o700 })
  await writeFileAtomic(pathOf(project, one), JSON.stringify([...volumes]), { sync: false })
}

/** What was left to it and is there still. */
export async function leftTo(project: ProjectIdentity, one: Successor): Promise<AnonymousVolumes> {
  return await readNote(project, pathOf(project, one))
}

/** It has taken it over. */
export async function forgetLeft(project: ProjectIdentity, one: Successor): Promise<void> {
  await rm(pathOf(project, one), { force: true })
}

/** There will be no successors; with `volumes` what was left to them goes, too. */
export async function discardLeft(project: ProjectIdentity, { volumes }: { readonly volumes: boolean }): Promise<void> {
  const directory = directoryOf(project)
  const names = volumes ? await readdir(directory).catch(() => []) : []
  for (const name of names) await removeVolumes(project.engine, await readNote(project, join(directory, name)))
  await rm(directory, { recursive: true, force: true })
}

const directoryOf = ({ engine, origin }: ProjectIdentity): string => join(engine.root, 'projects', origin.name)

const pathOf = (project: ProjectIdentity, { service, number }: Successor): string =>
  join(directoryOf(project), `${service}-${number}.json`)

async function readNote({ engine }: ProjectIdentity, path: string): Promise<AnonymousVolumes> {
  const noted = entriesOf(await readRegularFile(path, maxBytes).catch(() => null))
  if (noted.length === 0) return new Map()
  const there = new Set((await Volume.list({ engine, anonymous: true })).map(({ name }) => name))
  return new Map(noted.filter(([, name]) => there.has(name)))
}

// What is damaged says nothing: the volumes are there all the same.
function entriesOf(bytes: Uint8Array | null): readonly (readonly [string, string])[] {
  if (bytes === null) return []
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return Array.isArray(value) ? value.filter(isEntry) : []
  } catch {
    return []
  }
}

const isEntry = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')
