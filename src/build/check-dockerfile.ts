// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { type Dockerfile, parseDockerfile } from './dockerfile/parse-dockerfile.js'
import { parseTree } from './dockerfile/parse-tree.js'
import { SourceText } from './dockerfile/source-text.js'
import { buildGraph } from './graph/build-graph.js'
import type { GraphOptions } from './graph/graph-options.js'
import { lintFile } from './lint/lint-file.js'
import { Linter, type LintWarning } from './lint/linter.js'
import { optionsOf } from './lint/options-of.js'

/** What is to be said of a Dockerfile, without building it. */
export interface DockerfileCheck {
  /** In the order of their lines. */
  readonly warnings: readonly LintWarning[]
  /** Why nothing can be built; null: something can. */
  readonly error: EngineError | null
}

/** Checks a Dockerfile, all of its stages unless a target is given. Images are looked for, but nothing of them is fetched. */
export async function checkDockerfile(
  content: string | Uint8Array,
  { name, ...options }: GraphOptions & { readonly name?: string | undefined },
): Promise<DockerfileCheck> {
  const heard: LintWarning[] = []
  const onWarning = (warning: LintWarning) => void heard.push(warning)
  const scope = options.scope ?? (options.target === undefined ? 'all' : 'target')
  try {
    const file = parseDockerfile(content, name)
    const { warnings } = await buildGraph(file, { ...options, scope, onWarning })
    return { warnings, error: null }
  } catch (error) {
    if (!EngineError.is(error)) throw error
    if (heard.length === 0 && EngineError.is(error, 'ERR_DOCKERFILE'))
      lintAbove(content, error.line, { options, onWarning })
    return { warnings: heard.sort((a, b) => a.range.start.line - b.range.start.line), error }
  }
}

interface PartFacts {
  readonly options: GraphOptions
  readonly onWarning: (warning: LintWarning) => void
}

// An instruction that is none hides nothing of what stands above it.
function lintAbove(content: string | Uint8Array, line: number, { options, onWarning }: PartFacts): void {
  const file = parseAbove(content, line)
  if (!file) return
  const given = new Map(Object.entries(options.args ?? {}))
  lintFile(file, new Linter(optionsOf(file, given), file.source.name, onWarning))
}

function parseAbove(content: string | Uint8Array, line: number): Dockerfile | null {
  try {
    const source = new SourceText(content)
    const wrong = parseTree(source).nodes.findLast(({ range }) => range.start.line <= line)
    return parseDockerfile(source.lines.slice(0, (wrong?.range.start.line ?? 1) - 1).join(''))
  } catch (error) {
    if (EngineError.is(error)) return null
    throw error
  }
}
