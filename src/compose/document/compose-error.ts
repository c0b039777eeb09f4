// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { type Path, pathText } from './path.js'
import { type Position, positionAt } from './position.js'
import type { Tree } from './tree.js'

/** What is wrong with a compose file, and where. */
export interface ComposeProblem {
  /** A phrase: what is wrong with what is at the path. */
  readonly problem: string
  /** Where in the document. */
  readonly path?: Path | undefined
  /** Where in a file, unless `root` tells. */
  readonly at?: Position | undefined
  /** The document the path leads through, whose values know where they were written. */
  readonly root?: Tree | undefined
  /** The file, where nothing better is known. */
  readonly file?: string | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** ERR_COMPOSE_INVALID: `compose.yaml:12:7: services.web.image: must be a string`. */
export function composeInvalid({ problem, path = [], at, root, file, hint, cause }: ComposeProblem): EngineError {
  const position = at ?? (root === undefined ? undefined : positionAt(root, path))
  const place = position ? `${position.file}:${position.line}:${position.column}` : file
  const message = [place, pathText(path), problem].filter(Boolean).join(': ')
  return new EngineError({
    code: 'ERR_COMPOSE_INVALID',
    message,
    hint,
    object: place,
    option: pathText(path) || undefined,
    cause,
  })
}
