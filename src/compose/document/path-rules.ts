// SPDX-License-Identifier: Apache-2.0
import type { Path } from './path.js'

interface Step<T> {
  readonly next: Map<string, Step<T>>
  rule?: T
}

/** Rules for paths of a document, by patterns such as `services.*.ports`; `*` stands for any key or index. */
export class PathRules<T> {
  readonly #first: Step<T> = { next: new Map() }

  constructor(rules: Iterable<readonly [pattern: string, rule: T]>) {
    for (const [pattern, rule] of rules) {
      let step = this.#first
      for (const name of pattern.split('.')) {
        let next = step.next.get(name)
        if (next === undefined) {
          next = { next: new Map() }
          step.next.set(name, next)
        }
        step = next
      }
      step.rule = rule
    }
  }

  /** The rule for that path, the most literal one where several fit. */
  at(path: Path): T | undefined {
    let steps = [this.#first]
    for (const name of path) {
      const literal = steps.map((step) => step.next.get(String(name)))
      const any = steps.map((step) => step.next.get('*'))
      steps = [...literal, ...any].filter((step) => step !== undefined)
      if (steps.length === 0) return undefined
    }
    return steps.find((step) => step.rule !== undefined)?.rule
  }
}
