// SPDX-License-Identifier: Apache-2.0

/**
 * An object of a program that heeds no types: it changes what is `readonly`, and puts in what does not belong there. A type that said what it
 * may put in would be the one that it does not heed, so `any` is meant.
 */
// biome-ignore lint/suspicious/noExplicitAny: the above.
export type Changeable = any
