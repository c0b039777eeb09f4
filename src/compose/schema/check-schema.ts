// SPDX-License-Identifier: Apache-2.0
import { quoted } from '../../errors/printable.js'
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { isList, type Tree, type TreeMap } from '../document/tree.js'
import { type SchemaFinding, validate } from './compiled.js'
import { knownKeys } from './known-keys.js'

/** Throws ERR_COMPOSE_INVALID, with the place, if the document is not what the specification's schema describes. */
export function checkSchema(root: TreeMap, file: string): void {
  if (validate(root)) return
  const findings = (validate.errors ?? []).map((finding) => ({ ...finding, path: pathOf(finding.instancePath, root) }))
  const deepest = Math.max(...findings.map(({ path }) => path.length))
  const { path, problem, hint } = described(findings.filter((finding) => finding.path.length === deepest))
  throw composeInvalid({ root, file, path, problem, hint })
}

interface Finding extends SchemaFinding {
  readonly path: Path
}

interface Description {
  readonly path: Path
  readonly problem: string
  readonly hint?: string | undefined
}

function pathOf(pointer: string, root: Tree): Path {
  const path: (string | number)[] = []
  let value: Tree | undefined = root
  for (const escaped of pointer.split('/').slice(1)) {
    const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    const step: string | number = isList(value) ? Number(name) : name
    path.push(step)
    value = (value as Record<string | number, Tree> | null | undefined)?.[step]
  }
  return path
}

// A value that fits none of several forms has findings of each: what is wrong inside of one says more than that it is none of the others.
const telling = ['additionalProperties', 'required', 'enum', 'pattern', 'minimum', 'maximum', 'uniqueItems', 'type']

function described(findings: readonly Finding[]): Description {
  for (const keyword of telling) {
    const found = findings.filter((finding) => finding.keyword === keyword)
    const [first] = found
    if (first === undefined) continue
    return keyword === 'type' ? wrongKind(first.path, found) : describe(first)
  }
  return { path: findings[0]?.path ?? [], problem: 'is not what the compose specification allows here' }
}

function describe({ path, keyword, params }: Finding): Description {
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params.additionalProperty))
    case 'required':
      return { path, problem: `missing property '${params.missingProperty}'` }
    case 'enum':
      return {
        path,
        problem: `must be one of ${(params.allowedValues as readonly unknown[]).map((value) => quoted(value)).join(', ')}`,
      }
    case 'minimum':
      return { path, problem: `must be greater than or equal to ${params.limit}` }
    case 'maximum':
      return { path, problem: `must be less than or equal to ${params.limit}` }
    case 'uniqueItems':
      return { path, problem: 'has the same item twice' }
    default:
      return { path, problem: `does not match the pattern ${params.pattern}` }
  }
}

function unknownKey(path: Path, key: string): Description {
  const problem = `additional properties '${key}' not allowed`
  if (path.length > 0) {
    const close = knownKeys(path).find((known) => isClose(known, key))
    return {
      path: [...path, key],
      problem,
      hint: close ? `did you mean '${close}'?` : "keys of one's own begin with x-",
    }
  }
  return {
    path: [key],
    problem,
    hint: 'services belong below the key services: files without it are of version 1, which nobody reads any more',
  }
}

// One letter more, less, or another one; or two that changed places.
function isClose(known: string, given: string): boolean {
  let start = 0
  while (start < given.length && given[start] === known[start]) start++
  let end = 0
  while (end < given.length - start && end < known.length - start && given.at(-1 - end) === known.at(-1 - end)) end++
  const [left, right] = [given.slice(start, given.length - end), known.slice(start, known.length - end)]
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && left === right.split('').reverse().join(''))
}

const kinds: Readonly<Record<string, string>> = {
  ...{
    object: 'a mapping',
    array: 'a list',
    string: 'a string',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'a boolean',
  },
  null: 'empty',
}

function wrongKind(path: Path, findings: readonly Finding[]): Description {
  const types = findings
    .filter((finding) => finding.path.length === path.length)
    .flatMap(({ params }) => params.type as string | string[])
  const names = [...new Set(types)].map((type) => kinds[type] ?? type)
  const last = names.pop()
  return { path, problem: `must be ${names.length > 0 ? `${names.join(', ')} or ` : ''}${last}` }
}
