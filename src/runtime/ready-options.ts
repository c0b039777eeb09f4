// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, type Shape } from '../util/validate.js'
import { optionCheck } from './option-checks.js'

/** What every condition takes. */
export interface ReadyOptions {
  /**
   * How long it may take, in milliseconds. That of the outermost condition is the deadline of the whole start, 60,000 by default and
   * counted from the call; one further in gives up its own part.
   */
  readonly timeoutMs?: number | undefined
}

/** Where to connect. */
export interface ReadyPortOptions extends ReadyOptions {
  /** An IP address as the container sees it; its loopback by default. */
  readonly host?: string | undefined
}

/** How often a line has to come. */
export interface ReadyLogOptions extends ReadyOptions {
  /** In so many lines; 1 by default. */
  readonly count?: number | undefined
  /** Only in this stream. */
  readonly stream?: 'stdout' | 'stderr' | undefined
}

/** What is expected of a TLS server, and shown to it: as for `tls.connect`. */
export interface TlsExpectations {
  /** The authorities to trust, in place of Node's own. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The name that its certificate must have. */
  readonly servername?: string | undefined
  /** False: any certificate will do. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Our own certificate, in PEM. */
  readonly cert?: string | Uint8Array | undefined
  /** Its key, in PEM. */
  readonly key?: string | Uint8Array | undefined
}

/** What to ask, and which answer will do. */
export interface ReadyHttpOptions extends ReadyPortOptions {
  /** The port inside. */
  readonly port: number
  /** A status, several, or a function that says whether it will do; 200 to 399 by default. Redirects are not followed. */
  readonly status?: number | readonly number[] | ((status: number) => boolean) | undefined
  /** GET by default. */
  readonly method?: string | undefined
  /** Beside and over those that Node sends. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether it is HTTPS; true: with the authorities that Node trusts. */
  readonly tls?: boolean | TlsExpectations | undefined
}

/** How the command is run. */
export interface ReadyExecOptions extends ReadyOptions {
  /** 0 by default. */
  readonly exitCode?: number | undefined
  /** As for `exec`. */
  readonly user?: string | number | undefined
  /** As for `exec`. */
  readonly cwd?: string | undefined
  /** As for `exec`. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** An IP address. */
export const checkAddress: Check = (value, option) => {
  if (typeof value !== 'string' || isIP(value) === 0) {
    throw invalidArgument(option, `${quoted(value)} is no IP address`, 'leave it out for the loopback of the container')
  }
}

/** A port of TCP. */
export const checkPort: Check = check.integer({ min: 1, max: 65_535 })

const pem = check.anyOf('text or bytes in PEM', check.nonEmptyString, check.instanceOf(Uint8Array))

/** What may be expected of a TLS server. */
export const tlsShape: Shape<TlsExpectations> = {
  ca: check.anyOf('text or bytes in PEM, or an array of them', pem, check.arrayOf(pem)),
  servername: check.nonEmptyString,
  rejectUnauthorized: check.boolean,
  cert: pem,
  key: pem,
}

const status = check.integer({ min: 100, max: 599 })

export const readyShape: Shape<ReadyOptions> = { timeoutMs: check.integer({ min: 1, max: 2 ** 31 - 1 }) }
export const readyPortShape: Shape<ReadyPortOptions> = { ...readyShape, host: checkAddress }
export const readyLogShape: Shape<ReadyLogOptions> = {
  ...readyShape,
  count: check.integer({ min: 1 }),
  stream: check.oneOf('stdout', 'stderr'),
}
export const readyHttpShape: Shape<ReadyHttpOptions> = {
  ...readyPortShape,
  port: check.required(checkPort),
  status: check.anyOf('a status, an array of them or a function', status, check.arrayOf(status), check.function),
  method: check.matching(/^[A-Z]{1,32}$/, 'a method such as GET'),
  headers: check.recordOf(check.string),
  tls: check.anyOf('true, false, or what is expected of the server', check.boolean, check.object(tlsShape)),
}
export const readyExecShape: Shape<ReadyExecOptions> = {
  ...readyShape,
  exitCode: check.integer({ min: 0, max: 255 }),
  user: optionCheck.user,
  cwd: optionCheck.absolutePath,
  env: optionCheck.env,
}
