// SPDX-License-Identifier: Apache-2.0
import { opendir } from 'node:fs/promises'
import { EngineError } from '../../errors/engine-error.js'
import { printable, quoted } from '../../errors/printable.js'
import { didYouMean } from '../suggest.js'
import type { BuildContext } from './build-context.js'
import { findInContext } from './find-in-context.js'

const maxNames = 10_000

/** The error of a source that a context has not, with what was likely meant; any other error as it is. */
export async function explainMissing(error: unknown, context: BuildContext): Promise<unknown> {
  if (!EngineError.is(error, 'ERR_FILE_NOT_FOUND') || error.step !== 'find source' || !error.object) return error
  const source = error.object
  const hint = await hintFor(source, context).catch(() => undefined)
  if (hint === undefined) return error
  const { step, errno } = error
  const message = `there is no ${quoted(source, 300)} in the context ${quoted(context.name, 300)}, or it is left out`
  return new EngineError({ code: 'ERR_FILE_NOT_FOUND', message, hint, step, errno, object: source, cause: error })
}

async function hintFor(source: string, context: BuildContext): Promise<string | undefined> {
  if (await isThere(context, source)) {
    return `it is there, but the ignore file (.dockerignore) leaves it out: add the line !${printable(source.replace(/^\/+/, ''))}`
  }
  const parts = source.split('/').filter((part) => part !== '')
  const name = parts.pop()
  if (name === undefined) return undefined
  const directory = parts.join('/')
  return didYouMean(name, await namesIn(context, directory), (found) => [...parts, printable(found)].join('/'))
}

async function isThere(context: BuildContext, path: string): Promise<boolean> {
  const found = await findInContext(context, path)
  await found?.close()
  return found !== null
}

async function namesIn(context: BuildContext, directory: string): Promise<readonly string[]> {
  const found = await findInContext(context, directory)
  if (!found) return []
  try {
    const names: string[] = []
    for await (const { name } of await opendir(`/proc/self/fd/${found.fd}`)) {
      if (names.push(name) === maxNames) break
    }
    return names
  } finally {
    await found.close()
  }
}
