// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Signal } from '../errors/signal-name.js'

// glibc keeps the first two real-time signals of the kernel for itself.
const firstRealtime = 34
const lastRealtime = 64
const numbers = new Map(Object.entries(constants.signals))
const names = new Map([...numbers].map(([name, number]) => [number, name as NodeJS.Signals]))
// Names that share a number: the usual one.
for (const name of ['SIGABRT', 'SIGIO', 'SIGCHLD', 'SIGSYS'] as const) names.set(constants.signals[name], name)

/** The number of a signal: `'SIGTERM'`, `'TERM'`, `'SIGRTMIN+3'`, `15`, `'15'`. Else ERR_INVALID_ARGUMENT naming `option`. */
export function signalNumber(value: unknown, option: string): number {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{1,2}$/.test(value))) {
    const number = Number(value)
    if (Number.isInteger(number) && number >= 1 && number <= lastRealtime) return number
  } else if (typeof value === 'string') {
    const name = value.toUpperCase().startsWith('SIG') ? value.toUpperCase() : `SIG${value.toUpperCase()}`
    const number = numbers.get(name) ?? realtimeNumber(name)
    if (number !== undefined) return number
  }
  throw invalidArgument(option, `${quoted(value)} is not a signal`, 'see signal(7): SIGTERM, SIGKILL, SIGRTMIN+3')
}

/** The name of a signal's number; null stays null. */
export function signalName(number: number | null): Signal | null {
  if (number === null) return null
  return names.get(number) ?? `SIGRTMIN+${number - firstRealtime}`
}

function realtimeNumber(name: string): number | undefined {
  const match = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name)
  if (!match) return undefined
  const offset = match[3] === undefined ? 0 : Number(`${match[2]}${match[3]}`)
  const number = (match[1] === 'MIN' ? firstRealtime : lastRealtime) + offset
  return number >= firstRealtime && number <= lastRealtime ? number : undefined
}
