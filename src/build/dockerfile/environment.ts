// SPDX-License-Identifier: Apache-2.0

/** The variables that words are expanded with. */
export type Environment = ReadonlyMap<string, string>
