// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import type { ParsedDocument } from '../document/document-reader.js'
import { parseYaml } from '../document/parse-yaml.js'
import { readText } from '../document/read-text.js'
import type { Warnings } from '../document/warning.js'
import type { TreeInterpolation } from '../environment/interpolate-tree.js'

/** What all files of a project share while they are loaded. */
export class LoadSession {
  readonly warnings: Warnings
  readonly signal: AbortSignal | undefined
  /** How much text variables may still make. */
  readonly budget = { left: 16 * 1024 * 1024 }
  readonly #parsed = new Map<string, Promise<readonly ParsedDocument[]>>()

  constructor(warnings: Warnings, signal: AbortSignal | undefined) {
    this.warnings = warnings
    this.signal = signal
  }

  /** The documents of the file, which is read once. They are shared: clone what changes. */
  parse(file: string): Promise<readonly ParsedDocument[]> {
    let parsed = this.#parsed.get(file)
    if (parsed === undefined) {
      if (this.#parsed.size >= maximalFiles)
        throw composeInvalid({ file, problem: `is one of more than ${maximalFiles} files` })
      parsed = this.#read(file)
      this.#parsed.set(file, parsed)
    }
    return parsed
  }

  async #read(file: string): Promise<readonly ParsedDocument[]> {
    const text = await readText({ path: file, maxBytes: maximalBytes, signal: this.signal })
    return parseYaml({ text, file, warnings: this.warnings })
  }
}

const maximalFiles = 1000
const maximalBytes = 2 * 1024 * 1024

/** What one set of files, of the project or of an include, is loaded with. */
export interface LoadContext {
  readonly session: LoadSession
  /** Relative paths are below it. */
  readonly directory: string
  readonly environment: ReadonlyMap<string, string>
  /** The files that include this one, the outermost first. */
  readonly including: readonly string[]
}

/** The interpolation of the context's documents. */
export function interpolationOf({ session, environment }: LoadContext): TreeInterpolation {
  return { lookup: (name) => environment.get(name), warnings: session.warnings, budget: session.budget }
}
