// SPDX-License-Identifier: Apache-2.0

/** One finding of the compiled schema. */
export interface SchemaFinding {
  /** A JSON pointer to the value. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Whether the value is what compose-spec.json describes; `errors` has the findings of the last call. */
export const validate: {
  (value: unknown): boolean
  readonly errors?: readonly SchemaFinding[] | null
}
