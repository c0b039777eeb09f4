// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { EngineError } from 'tscontainer'
import { IgnoreMatcher } from '../../build/ignore/ignore-matcher.js'
import { ignoreFilesOf, readIgnoreFile } from '../../build/ignore/read-ignore-file.js'
import type { BuildModel } from '../model/build-model.js'
import type { ServiceModel } from '../model/service-model.js'
import type { WatchModel } from '../model/service-parts.js'

/** One entry of `develop.watch`, with what counts below its path. */
export interface WatchRule extends Pick<WatchModel, 'action' | 'path' | 'exec'> {
  readonly service: string
  /** Where it goes inside; empty where nothing is copied. */
  readonly target: string
  readonly copiesFirst: boolean
  wants(path: string, isDirectory: boolean): boolean
}

// What editors write beside the file that they save, and what a version control writes all the time.
const passing = [
  '**/.git',
  '**/*~',
  '**/.*.sw?',
  '**/4913',
  '**/.#*',
  '**/#*#',
  '**/*___jb_*___',
  '**/.goutputstream-*',
]

/** The rules of a service. ERR_UNSUPPORTED, ERR_COMPOSE_INVALID where one cannot be followed; ERR_IGNORE_PATTERN. */
export async function watchRules(service: string, model: ServiceModel): Promise<readonly WatchRule[]> {
  const { watch = [] } = model.develop ?? {}
  const context = await contextIgnores(model.build)
  return watch.map((entry, index) =>
    ruleOf(entry, { service, model, context, place: `services.${service}.develop.watch[${index}]` }),
  )
}

interface Around {
  readonly service: string
  readonly model: ServiceModel
  readonly context: (path: string) => IgnoreMatcher | undefined
  readonly place: string
}

function ruleOf(entry: WatchModel, { service, model, context, place }: Around): WatchRule {
  const { action, path, target = '', initial_sync: copiesFirst = false, exec } = entry
  if (action.startsWith('sync') && !target.startsWith('/'))
    throw invalid(`${place}.target`, 'has to be an absolute path, where the files go inside')
  if (action === 'rebuild' && !model.build) throw invalid(`${place}.action`, `service '${service}' is not built here`)
  if (action === 'sync+exec' && !exec?.command?.length) throw invalid(`${place}.exec.command`, 'is what is to run')
  if (exec?.privileged) throw unsupported(`${place}.exec.privileged`)
  const ignored = new IgnoreMatcher([...passing, ...listOf(entry.ignore)])
  const included = listOf(entry.include).length > 0 ? new IgnoreMatcher(listOf(entry.include)) : undefined
  const matchers = [ignored, context(path)].filter((one) => one !== undefined)
  const contextPath = model.build?.context ?? path
  const wants = (below: string, isDirectory: boolean): boolean => {
    const places = [below, relative(contextPath, join(path, below))]
    for (const [at, matcher] of matchers.entries()) {
      const name = places[at] ?? below
      if (matcher.ignores(name) && !(isDirectory && matcher.mustDescend(name))) return false
    }
    return isDirectory || included === undefined || included.ignores(below)
  }
  return { service, action, path, target, copiesFirst, exec, wants }
}

// What a build does not see does not count either, as far as it is about files of the context.
async function contextIgnores(build: BuildModel | undefined): Promise<Around['context']> {
  const { context, dockerfile = 'Dockerfile' } = build ?? {}
  if (context === undefined || !isAbsolute(context)) return () => undefined
  const lines = await firstOf(
    ignoreFilesOf(resolve(context, dockerfile)).map((file, at) => (at === 0 ? file : join(context, '.dockerignore'))),
  )
  if (lines === undefined) return () => undefined
  const matcher = new IgnoreMatcher(readIgnoreFile(lines))
  return (path) => (relative(context, path).startsWith('..') ? undefined : matcher)
}

async function firstOf(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return undefined
}

const listOf = (patterns: string | readonly string[] | undefined): readonly string[] =>
  patterns === undefined ? [] : typeof patterns === 'string' ? [patterns] : patterns

const invalid = (option: string, problem: string): EngineError =>
  new EngineError({ code: 'ERR_COMPOSE_INVALID', message: `${option}: ${problem}`, option })

const unsupported = (option: string): EngineError =>
  new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${option}: a command beside a container has no more privileges than it`,
    option,
    hint: 'make the service privileged, or leave it out',
  })
