// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { checkName } from '../util/object-name.js'
import { type Check, check, type Shape } from '../util/validate.js'
import {
  type DeviceMapping,
  type IoLimits,
  type LogOptions,
  type TerminalSize,
  type UlimitName,
  type Ulimits,
  ulimitNames,
} from './container-option-parts.js'
import { signalNumber } from './signal-number.js'

const terminalSize: Shape<TerminalSize> = {
  columns: check.required(check.integer({ min: 1, max: 65_535 })),
  rows: check.required(check.integer({ min: 1, max: 65_535 })),
}
/** Refuses what is no size of a terminal. */
export const checkTerminalSize: Check = check.object(terminalSize)

const rate = check.recordOf(check.integer({ min: 1 }))
const bytesRate = check.recordOf(check.byteSize)
const io: Shape<IoLimits> = {
  weight: check.integer({ min: 10, max: 1000 }),
  weights: check.recordOf(check.integer({ min: 10, max: 1000 })),
  readBps: bytesRate,
  writeBps: bytesRate,
  readIops: rate,
  writeIops: rate,
}
const logs: Shape<LogOptions> = {
  driver: check.nonEmptyString,
  options: check.recordOf(check.string),
  onEntry: check.function,
  maxSize: check.byteSize,
  maxFiles: check.integer({ min: 1, max: 1000 }),
}
const absolutePath = check.matching(/^\/[^\0]{0,4094}$/, 'an absolute path')
const device: Shape<DeviceMapping> = {
  source: check.required(absolutePath),
  target: absolutePath,
  permissions: check.matching(/^(?!.*(.).*\1)[rwm]{1,3}$/, "of 'r', 'w' and 'm'"),
}
const idNumber = check.integer({ min: 0, max: 2 ** 32 - 2 })
const account = '[^\\0\\n\\r/:+-][^\\0\\n\\r/:]{0,255}'

const ulimitValue: Check = check.anyOf(
  "a whole number or 'unlimited'",
  check.integer({ min: 0 }),
  check.oneOf('unlimited'),
)
const ulimit: Check = (value, option) => {
  if (typeof value !== 'object') return ulimitValue(value, option)
  check.object<{ soft: unknown; hard: unknown }>({
    soft: check.required(ulimitValue),
    hard: check.required(ulimitValue),
  })(value, option)
}
const ulimits = Object.fromEntries(ulimitNames.map((name) => [name, ulimit])) as Record<UlimitName, Check>

const hostAddress: Check = (value, option) => {
  if (value !== 'host-gateway' && (typeof value !== 'string' || isIP(value) === 0))
    throw invalidArgument(option, `${quoted(value)} is not an address`)
}
const hostAddresses: Check = (value, option) => {
  if (Array.isArray(value)) check.arrayOf(hostAddress, 64)(value, option)
  else hostAddress(value, option)
}

const variables =
  (content: Check): Check =>
  (value, option) => {
    if (Array.isArray(value))
      throw invalidArgument(option, 'expected an object, got an array', "write { NAME: 'value' }")
    check.recordOf(content)(value, option)
    for (const name of Object.keys(value as object)) {
      if (name.includes('=')) throw invalidArgument(option, `${quoted(name)} is not the name of a variable`)
    }
  }

/** Checks that more than one kind of options has. */
export const optionCheck = {
  absolutePath,
  name: ((value, option) => void checkName(value, option)) as Check,
  signal: ((value, option) => void signalNumber(value, option)) as Check,
  argv: ((value, option) => {
    if (typeof value === 'string') {
      const hint = `write an array: [${value
        .split(/\s+/)
        .map((word) => quoted(word))
        .join(', ')}], or ['sh', '-c', …]`
      throw invalidArgument(option, 'expected an array of arguments, got a string', hint)
    }
    check.arrayOf(check.string)(value, option)
  }) as Check,
  env: variables(check.string),
  envOrNone: variables(check.anyOf('a text or null', check.string, check.oneOf(null))),
  stringRecord: check.recordOf(check.string),
  user: check.anyOf(
    'a user, as a name, a number or name:group',
    idNumber,
    check.matching(new RegExp(`^${account}(:${account})?$`), 'a user'),
  ),
  group: check.anyOf('a group, as a name or a number', idNumber, check.matching(new RegExp(`^${account}$`), 'a group')),
  domain: check.matching(/^(\.|[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,252})$/, 'a domain'),
  hostname: check.matching(
    /^(?=.{1,63}$)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/,
    'a host name of at most 63 characters',
  ),
  terminal: check.anyOf('true, false, or { columns, rows }', check.boolean, checkTerminalSize),
  sizeOrUnlimited: ((value, option) => {
    if (value !== 'unlimited') check.byteSize(value, option)
  }) as Check,
  countOrUnlimited: check.anyOf("a whole number or 'unlimited'", check.integer({ min: 1 }), check.oneOf('unlimited')),
  cpuset: check.matching(/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/, 'a list of processors such as 0-2,4'),
  io: check.object(io),
  logs: check.object(logs),
  ulimits: check.object<Ulimits>(ulimits),
  device: ((value, option) => {
    if (typeof value === 'string') absolutePath(value, option)
    else check.object(device)(value, option)
  }) as Check,
  hosts: ((value, option) => {
    check.recordOf(hostAddresses)(value, option)
    for (const name of Object.keys(value as object)) {
      if (!/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,252})$/.test(name))
        throw invalidArgument(option, `${quoted(name)} is no name of a host`)
    }
  }) as Check,
} as const
