// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { composeInvalid } from '../document/compose-error.js'
import { type Path, pathText } from '../document/path.js'
import type { Tree } from '../document/tree.js'
import { type ComposeWarning, type ComposeWarningKind, Warnings } from '../document/warning.js'
import type { ProjectModel } from '../model/project-model.js'

/** Gathers what cannot be honoured of one part of a project, and refuses what must not be ignored. Paths are below that part. */
export class Reporter {
  readonly #model: Tree
  readonly #at: Path
  readonly #warnings = new Warnings()

  constructor(model: ProjectModel, at: Path) {
    this.#model = model as unknown as Tree
    this.#at = at
  }

  /** In the order in which they came up. */
  get all(): readonly ComposeWarning[] {
    return this.#warnings.all
  }

  /** Tells that what is at the path has no effect, and why; or of another kind. */
  report(path: Path, message: string, kind: ComposeWarningKind = 'unsupported'): void {
    this.#warnings.add(kind, message, { root: this.#model, path: [...this.#at, ...path] })
  }

  /** ERR_COMPOSE_INVALID for what is at the path. */
  refuse(path: Path, problem: string, hint?: string): never {
    throw composeInvalid({ root: this.#model, path: [...this.#at, ...path], problem, hint })
  }

  /** ERR_UNSUPPORTED: it would be unsafe, or the service another one, without what is at the path. */
  unsupported(path: Path, problem: string, hint?: string): never {
    const option = pathText([...this.#at, ...path])
    throw new EngineError({ code: 'ERR_UNSUPPORTED', message: `${option}: ${problem}`, option, hint })
  }
}
