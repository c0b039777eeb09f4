// SPDX-License-Identifier: Apache-2.0
import { ExpansionFailure, expandWord } from '../dockerfile/expand-word.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'

/** The arguments of all stages: those before the first FROM over what is known without being told. */
export function globalArguments(
  file: Dockerfile,
  known: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const values = new Map(known)
  const { escapeChar, source } = file
  for (const { name, value } of file.globalArgs.flatMap(({ args }) => args)) {
    const override = given.get(name)
    if (override !== undefined) values.set(name, override)
    else if (value) {
      try {
        values.set(name, expandWord(value.text, values, { escapeChar }).text)
      } catch (error) {
        if (error instanceof ExpansionFailure) throw source.fail(value.position, error.message)
        throw error
      }
    }
  }
  return values
}
