// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { parseByteSize } from '../../util/byte-size.js'
import { splitCsv } from '../dockerfile/split-csv.js'
import { didYouMean } from '../suggest.js'

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const
const sharings = ['shared', 'private', 'locked'] as const

/** What a `--mount` says, each key under its first name. */
export interface RunMountFields {
  readonly type: (typeof types)[number]
  readonly from?: string
  readonly source?: string
  readonly target?: string
  readonly readOnly?: boolean
  readonly id?: string
  readonly sharing?: (typeof sharings)[number]
  readonly required?: boolean
  readonly sizeBytes?: number
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly env?: string
}

/** Why a mount is refused. */
export interface MountProblem {
  readonly problem: string
  readonly hint?: string | undefined
}

const names: Readonly<Record<string, keyof RunMountFields>> = {
  type: 'type',
  from: 'from',
  source: 'source',
  src: 'source',
  target: 'target',
  dst: 'target',
  destination: 'target',
  readonly: 'readOnly',
  ro: 'readOnly',
  readwrite: 'readOnly',
  rw: 'readOnly',
  id: 'id',
  sharing: 'sharing',
  required: 'required',
  size: 'sizeBytes',
  mode: 'mode',
  uid: 'uid',
  gid: 'gid',
  env: 'env',
}

/** Reads the value of a `--mount`, its variables replaced by `expand`. */
export function parseRunMount(text: string, expand: (value: string) => string): RunMountFields | MountProblem {
  const fields = splitCsv(text)
  if ('problem' in fields) return fields
  let mount: RunMountFields = { type: 'bind' }
  for (const field of fields) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(field) ?? []
    const change = fieldOf({
      key: key.toLowerCase(),
      value: value === undefined ? undefined : expand(value),
      field,
      mount,
    })
    if ('problem' in change) return change
    mount = { ...mount, ...change }
  }
  return conflictIn(mount) ?? mount
}

interface Field {
  readonly key: string
  readonly value: string | undefined
  /** As written. */
  readonly field: string
  readonly mount: RunMountFields
}

type Change = Partial<RunMountFields> | MountProblem

function fieldOf({ key, value, field, mount }: Field): Change {
  const name = Object.hasOwn(names, key) ? names[key] : undefined
  if (!name) return { problem: `unexpected key '${key}' in '${field}'`, hint: didYouMean(key, Object.keys(names)) }
  if (name === 'readOnly' || name === 'required') return truth({ key, value, field, mount }, name)
  if (value === undefined) return { problem: `invalid field '${field}' must be a key=value pair` }
  switch (name) {
    case 'type':
      return oneOf(name, value, types, 'mount type')
    case 'sharing':
      return oneOf(name, value, sharings, 'sharing value')
    case 'mode':
      return numberOf(name, value, 8)
    case 'uid':
    case 'gid':
      return numberOf(name, value, 10)
    case 'sizeBytes':
      return sizeOf(value, mount)
    default:
      return { [name]: value }
  }
}

function truth({ key, value = 'true', mount }: Field, name: 'readOnly' | 'required'): Change {
  if (name === 'required' && mount.type !== 'secret' && mount.type !== 'ssh') return unexpected(key, mount)
  const isTrue = /^(?:1|t|true)$/i.test(value)
  if (!isTrue && !/^(?:0|f|false)$/i.test(value)) return { problem: `invalid value for ${key}: ${value}` }
  return { [name]: key === 'rw' || key === 'readwrite' ? !isTrue : isTrue }
}

function oneOf(name: 'type' | 'sharing', value: string, allowed: readonly string[], what: string): Change {
  const found = allowed.find((candidate) => candidate === value.toLowerCase())
  if (found) return { [name]: found }
  return {
    problem: `unsupported ${what} '${value}'`,
    hint: didYouMean(value, allowed) ?? `it is one of ${allowed.join(', ')}`,
  }
}

function numberOf(name: 'mode' | 'uid' | 'gid', value: string, base: 8 | 10): Change {
  const isNumber = base === 8 ? /^[0-7]{1,11}$/.test(value) : /^\d{1,10}$/.test(value)
  const number = Number.parseInt(value, base)
  return isNumber && number <= 0xffff_ffff ? { [name]: number } : { problem: `invalid value ${value} for ${name}` }
}

function sizeOf(value: string, mount: RunMountFields): Change {
  if (mount.type !== 'tmpfs') return unexpected('size', mount)
  try {
    return { sizeBytes: parseByteSize(value.replace(/([kmgt])b$/i, '$1'), 'size') }
  } catch (error) {
    if (EngineError.is(error)) return { problem: `invalid value for size: ${value}`, hint: error.hint }
    throw error
  }
}

function unexpected(key: string, { type }: RunMountFields): MountProblem {
  return {
    problem: `unexpected key '${key}' for mount type '${type}'`,
    hint: `type=${type} comes first, and has no ${key}`,
  }
}

function conflictIn(mount: RunMountFields): MountProblem | null {
  const { type } = mount
  if (type === 'bind' || type === 'tmpfs') {
    const owner = (['mode', 'uid', 'gid'] as const).find((name) => mount[name] !== undefined)
    if (owner) return { problem: `${owner} not allowed for '${type}' type mounts` }
  }
  if (mount.sharing && type !== 'cache') return { problem: `invalid cache sharing set for ${type} mount` }
  if (type !== 'secret') return null
  if (mount.from) return { problem: 'secret mount should not have a from' }
  if (mount.source && mount.id) return { problem: "both source and id can't be set" }
  if (mount.source || mount.target || mount.id) return null
  return { problem: 'invalid secret mount. one of source, target required', hint: 'give id=name' }
}
