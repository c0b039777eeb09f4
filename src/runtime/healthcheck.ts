// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { HealthArguments } from '../native/create-message.js'
import type { ImageConfig, ImageHealthcheck } from '../oci/image-config.js'
import { type Check, check, type Shape } from '../util/validate.js'
import { type ExecTemplate, processSpec } from './process-spec.js'

/**
 * How to find out whether a container is well (Docker's HEALTHCHECK). What is not given, or 0, is as the image says, else Docker's
 * default. The first check comes one interval after the start, the next one an interval after the end of the last.
 */
export interface Healthcheck {
  /**
   * `['CMD', program, …]`, `['CMD-SHELL', script]` or a string, which is a script; 0 means healthy. `['NONE']`: the image's is not run.
   * It runs as the container does: its user, directory and variables.
   */
  readonly test?: readonly string[] | string | undefined
  /** Between two checks; 30,000. */
  readonly intervalMs?: number | undefined
  /** After which a check has failed, and is killed with everything it started; 30,000. */
  readonly timeoutMs?: number | undefined
  /** From the start on: failures in it do not count, until the first success; 0. */
  readonly startPeriodMs?: number | undefined
  /** Between two checks in the start period, until the first success; 5,000. */
  readonly startIntervalMs?: number | undefined
  /** How many failures in a row make it unhealthy; 3. */
  readonly retries?: number | undefined
}

const defaultShell = ['/bin/sh', '-c']
const defaults = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5000, retries: 3 } as const
const kinds: Readonly<Record<string, (argv: readonly string[]) => boolean>> = {
  NONE: (rest) => rest.length === 0,
  CMD: (rest) => rest.length > 0,
  'CMD-SHELL': (rest) => rest.length === 1,
}

const test: Check = (value, option) => {
  if (typeof value === 'string') return check.nonEmptyString(value, option)
  check.arrayOf(check.string)(value, option)
  const [kind = '', ...rest] = value as readonly string[]
  if (Object.hasOwn(kinds, kind) && kinds[kind]?.(rest)) return
  throw invalidArgument(option, "expected ['CMD', program, …], ['CMD-SHELL', script], ['NONE'] or a script")
}
const shape: Shape<Healthcheck> = {
  test,
  intervalMs: check.timeoutMs,
  timeoutMs: check.timeoutMs,
  startPeriodMs: check.timeoutMs,
  startIntervalMs: check.timeoutMs,
  retries: check.integer({ min: 0, max: 2 ** 30 }),
}

/** Refuses what is no health check. */
export const checkHealthcheck: Check = (value, option) => {
  if (value !== false) check.object(shape)(value, option)
}

/** The check to run in a container, the option over the image's field by field; undefined: none. */
export function healthOf(
  option: Healthcheck | false | undefined,
  config: ImageConfig,
  template: ExecTemplate,
): HealthArguments | undefined {
  if (option === false) return undefined
  const argv = argvOf(testOf(option, config.healthcheck), config)
  if (argv === undefined) return undefined
  const given = (key: keyof typeof defaults) => option?.[key] || config.healthcheck?.[key] || defaults[key]
  const atLeastOne = (key: keyof typeof defaults) => Math.max(1, Math.round(given(key)))
  return {
    process: processSpec(template, argv),
    intervalMs: atLeastOne('intervalMs'),
    timeoutMs: atLeastOne('timeoutMs'),
    startPeriodMs: Math.round(given('startPeriodMs')),
    startIntervalMs: atLeastOne('startIntervalMs'),
    retries: atLeastOne('retries'),
  }
}

function testOf(option: Healthcheck | undefined, image: ImageHealthcheck | undefined): readonly string[] {
  if (typeof option?.test === 'string') return ['CMD-SHELL', option.test]
  const found = option?.test ?? image?.test ?? []
  if (found.length === 0 && option) throw invalidArgument('healthcheck.test', 'is required: the image has no check')
  return found
}

// A check of an image that is none of Docker's kinds is left out, as Docker does it.
function argvOf([kind, ...rest]: readonly string[], config: ImageConfig): readonly string[] | undefined {
  if (rest.length === 0) return undefined
  if (kind === 'CMD') return rest
  const shell = config.shell && config.shell.length > 0 ? config.shell : defaultShell
  return kind === 'CMD-SHELL' ? [...shell, ...rest] : undefined
}
