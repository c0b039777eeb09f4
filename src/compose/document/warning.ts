// SPDX-License-Identifier: Apache-2.0
import { type Path, pathText } from './path.js'
import { type Position, positionAt } from './position.js'
import type { Tree } from './tree.js'

/**
 * What a {@link ComposeWarning} is about: `obsolete`, what compose ignores now; `not-applicable`, what only an orchestrator of several
 * hosts, or another system, can honour; `unset-variable`, a variable without value or default; `unknown-tag`, a YAML tag without meaning
 * here; `option-ignored`, an option of a short form that nobody knows; `missing-dependency`, an optional dependency that is not there;
 * `unsupported`, what this engine does not do, found when something is made of the file; `open-port`, a port that all who reach the host reach.
 */
export type ComposeWarningKind =
  | 'obsolete'
  | 'not-applicable'
  | 'unset-variable'
  | 'unknown-tag'
  | 'option-ignored'
  | 'missing-dependency'
  | 'unsupported'
  | 'open-port'

/** Something in a compose file that has no effect, or perhaps not the one that was meant. */
export interface ComposeWarning {
  /** What it is about. */
  readonly kind: ComposeWarningKind
  /** A sentence for people, without the place. */
  readonly message: string
  /** The path in the model, as `services.web.deploy.placement`; empty where there is none. */
  readonly path: string
  /** Where it is written, where that is known. */
  readonly position: Position | null
}

/** Gathers warnings; each once. */
export class Warnings {
  readonly #byText = new Map<string, ComposeWarning>()

  get all(): readonly ComposeWarning[] {
    return [...this.#byText.values()]
  }

  add(kind: ComposeWarningKind, message: string, { path = [], root, at }: WarningPlace = {}): void {
    const position = at ?? (root === undefined ? undefined : positionAt(root, path)) ?? null
    const key = [kind, message, pathText(path)].join('\0')
    if (!this.#byText.has(key)) this.#byText.set(key, { kind, message, path: pathText(path), position })
  }
}

/** Where a warning belongs. */
export interface WarningPlace {
  readonly path?: Path
  readonly root?: Tree
  readonly at?: Position | undefined
}
