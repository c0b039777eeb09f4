// SPDX-License-Identifier: Apache-2.0
import type { LintSubject } from '../lint/linter.js'
import type { ImageState } from './image-state.js'
import type { Vertex } from './vertex.js'

/** An argument as a stage declared it, for the history of its commands. */
export interface StageArgument {
  readonly name: string
  readonly value: string | undefined
}

/** A stage while its instructions are applied. */
export class StageState {
  /** What variables are now, arguments among them. */
  private variables: Map<string, string>
  private isShared: boolean
  private listed: readonly string[] | null = null
  /** All that were declared, here and in the stages below. */
  readonly args: StageArgument[]
  /** Whether a WORKDIR came before, here or below. */
  hasWorkdir: boolean
  /** The last instruction of each kind of which only the last one counts. */
  readonly last: Partial<Record<'cmd' | 'entrypoint' | 'healthcheck', LintSubject>> = {}

  constructor(
    /** Its name, or `stage-N`. */
    readonly name: string,
    /** What was made so far. */
    public vertex: Vertex,
    readonly image: ImageState,
    below: StageState | null,
  ) {
    this.variables = below?.variables ?? new Map(image.env.flatten())
    this.isShared = below !== null
    this.args = [...(below?.args ?? [])]
    this.hasWorkdir = below?.hasWorkdir ?? false
  }

  /** The variables of this moment: later changes are not seen in it. */
  get environment(): ReadonlyMap<string, string> {
    this.isShared = true
    return this.variables
  }

  /** `NAME=value`; the same array as long as nothing changes. */
  get variableList(): readonly string[] {
    this.listed ??= Object.freeze([...this.variables].map(([name, value]) => `${name}=${value}`))
    return this.listed
  }

  /** Sets a variable for what follows. */
  setVariable(name: string, value: string): void {
    if (this.isShared) this.variables = new Map(this.variables)
    this.isShared = false
    this.listed = null
    this.variables.set(name, value)
  }

  /** How many variables there are. */
  get environmentCount(): number {
    return this.variables.size
  }

  /** How much the variables take up. */
  get environmentSize(): number {
    let size = 0
    for (const [name, value] of this.variables) size += name.length + value.length + 2
    return size
  }
}
