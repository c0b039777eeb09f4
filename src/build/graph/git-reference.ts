// SPDX-License-Identifier: Apache-2.0
import { isGitAddress } from '../git/git-address.js'

/** A git repository, and what of it. */
export interface GitReference {
  /** Without query and fragment. */
  readonly remote: string
  /** A branch, a tag or a commit; undefined: the repository's default branch. */
  readonly ref?: string | undefined
  /** Below the repository's root. */
  readonly subdirectory?: string | undefined
  /** What the commit's hash begins with. */
  readonly checksum?: string | undefined
  readonly keepGitDirectory: boolean
  readonly submodules: boolean
}

/** What an address says of itself; what it leaves open others may decide. */
export interface ParsedGitReference extends Omit<GitReference, 'keepGitDirectory'> {
  readonly keepGitDirectory?: boolean | undefined
}

type Parsed = ParsedGitReference | { readonly problem: string } | null

/**
 * The text as the address of a git repository: `git://`, `ssh://`, `user@host:path`, or `http(s)://` whose path ends with `.git`; then a
 * query, or `#ref:directory`. Null: it is something else.
 */
export function parseGitReference(text: string): Parsed {
  const hash = text.indexOf('#')
  const fragment = hash < 0 ? '' : text.slice(hash + 1)
  const withQuery = hash < 0 ? text : text.slice(0, hash)
  const mark = withQuery.indexOf('?')
  const remote = mark < 0 ? withQuery : withQuery.slice(0, mark)
  if (!isGit(remote)) return null
  const [ref, subdirectory] = fragment.split(/:(.*)/s, 2)
  const result = withParameters(
    { remote, ref: ref || undefined, subdirectory: subdirectory || undefined, submodules: true },
    new URLSearchParams(mark < 0 ? '' : withQuery.slice(mark + 1)),
  )
  return 'problem' in result ? result : (danger(result) ?? result)
}

function isGit(remote: string): boolean {
  if (/^(?:git|ssh):\/\//.test(remote)) return true
  if (/^https?:\/\//.test(remote)) return remote.endsWith('.git')
  return /^[\w-]+@[\w.-]+:[^\s]+$/.test(remote)
}

function withParameters(
  start: ParsedGitReference,
  parameters: URLSearchParams,
): ParsedGitReference | { readonly problem: string } {
  let result = start
  for (const name of new Set(parameters.keys())) {
    const [value = '', ...others] = parameters.getAll(name)
    if (others.length > 0) return { problem: `the query has several values for '${name}'` }
    const change = parameterOf(name, value, result)
    if ('problem' in change) return change
    result = { ...result, ...change }
  }
  return result
}

function parameterOf(
  name: string,
  value: string,
  before: ParsedGitReference,
): Partial<ParsedGitReference> | { readonly problem: string } {
  if (name === 'keep-git-dir' || name === 'submodules') {
    const truth = value === '' || /^(?:1|t|true)$/i.test(value)
    if (!truth && !/^(?:0|f|false)$/i.test(value)) return { problem: `invalid value of '${name}': '${value}'` }
    return name === 'submodules' ? { submodules: truth } : { keepGitDirectory: truth }
  }
  if (value === '') return { problem: `the query has no value for '${name}'` }
  if (name === 'checksum' || name === 'commit') return { checksum: value }
  const [member, wanted] = memberOf(name, value)
  if (!member) return { problem: `unexpected '${name}' in the query` }
  const given = before[member]
  if (given !== undefined && given !== wanted) return { problem: `${member} is given as '${given}' and as '${wanted}'` }
  return { [member]: wanted }
}

function memberOf(name: string, value: string): readonly ['ref' | 'subdirectory' | null, string] {
  if (name === 'ref') return ['ref', value]
  if (name === 'subdir') return ['subdirectory', value]
  if (name === 'tag') return ['ref', value.startsWith('refs/tags/') ? value : `refs/tags/${value}`]
  if (name === 'branch') return ['ref', value.startsWith('refs/heads/') ? value : `refs/heads/${value}`]
  return [null, value]
}

// git-check-ref-format(1), as far as it could be taken for something else.
const isRef = (text: string): boolean => !/^-|[\0-\x20~^:?*[\\\x7f]|\.\.|@\{|\/\/|\.lock$/.test(text)

// What begins with a dash could be an option of git or of ssh (CVE-2019-13139).
function danger({ remote, ref, subdirectory, checksum }: ParsedGitReference): { readonly problem: string } | null {
  if (!isGitAddress(remote))
    return { problem: 'that is no address of a repository; a host, for one, cannot begin with a dash' }
  if (ref !== undefined && !isRef(ref)) return { problem: `'${ref}' cannot be a ref` }
  if (subdirectory?.split('/').includes('..')) return { problem: 'the directory leaves the repository' }
  if (checksum !== undefined && !/^[0-9a-f]{7,64}$/.test(checksum)) return { problem: `'${checksum}' is not a commit` }
  return null
}
