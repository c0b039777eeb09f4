// SPDX-License-Identifier: Apache-2.0
import type { ImageHealthcheck } from '../../oci/image-config.js'
import { quoteGo, quoteGoList, quoteGoRune } from '../dockerfile/quote-go.js'
import type { StageArgument } from './stage-state.js'

/** A command as histories show it, with the arguments of the build that it could see. */
export function runText(
  args: readonly string[],
  declared: readonly StageArgument[],
  lookUp: (name: string) => string | undefined,
): string {
  const values = new Map(declared.map(({ name, value }) => [name, lookUp(name) ?? value ?? '']))
  const shown = [...values].map(([name, value]) => `${name}=${value}`)
  return [...(shown.length > 0 ? [`|${shown.length}`, ...shown] : []), ...args].join(' ')
}

/** A health check as histories show it: a structure of Go's as its `%q` writes it, whose last member is taken for a character. */
export function healthcheckText(healthcheck: ImageHealthcheck): string {
  const { test, intervalMs, timeoutMs, startPeriodMs, startIntervalMs, retries } = healthcheck
  const times = [intervalMs, timeoutMs, startPeriodMs, startIntervalMs].map((time) => quoteGo(goDuration(time)))
  return `&{${[quoteGoList(test), ...times, quoteGoRune(retries ?? 0)].join(' ')}}`
}

// As Go prints it: 1h0m0s, 1m30s, 1.5s, 500ms.
function goDuration(milliseconds = 0): string {
  if (milliseconds === 0) return '0s'
  if (milliseconds < 1000) return `${milliseconds}ms`
  const hours = Math.floor(milliseconds / 3_600_000)
  const minutes = Math.floor(milliseconds / 60_000) % 60
  const seconds = `${Number(((milliseconds % 60_000) / 1000).toFixed(9))}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
