// SPDX-License-Identifier: Apache-2.0
import { durationNs } from '../canonical/compose-duration.js'

/** The milliseconds of a duration of the model; none without one, and nothing below zero. */
export const durationMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Math.max(0, durationNs(text) / 1e6)
