// SPDX-License-Identifier: Apache-2.0

/** An object of a program that heeds no types: it changes what is `readonly`, and puts in what does not belong there. */
// biome-ignore lint/suspicious/noExplicitAny: a type that says what may be put in is the very one that such a program does not heed
export type Changeable = any
