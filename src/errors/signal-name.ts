// SPDX-License-Identifier: Apache-2.0

/** A signal by name, real-time signals relative to the first one. */
export type Signal = NodeJS.Signals | `SIGRTMIN+${number}`
