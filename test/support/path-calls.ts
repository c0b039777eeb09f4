// SPDX-License-Identifier: Apache-2.0
// Finds calls in the native code that resolve a path of several components, or the last link of one, where a container could have put another.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addonSources, top } from './house.js'

/** A family of system calls, what came of them elsewhere, and what to call instead. */
interface Ban {
  readonly calls: readonly string[]
  readonly attack: string
  readonly instead: string
}

const byPath: readonly Ban[] = [
  {
    calls: ['mount', 'umount', 'umount2'],
    attack: 'a mount lands where a link that was put in its path leads (CVE-2021-30465, CVE-2025-31133)',
    instead: 'open the place with OpenInRoot, then Attach (move_mount)',
  },
  {
    calls: ['chown', 'lchown', 'chmod', 'setxattr', 'lsetxattr', 'removexattr', 'lremovexattr', 'utime', 'utimes'],
    attack: 'a file of the host is changed through a link (CVE-2018-15664, CVE-2024-21626)',
    instead: 'open it with OpenInRoot, then fchown, fchmod, fsetxattr, futimens or AT_EMPTY_PATH',
  },
  {
    calls: [
      'open',
      'creat',
      'fopen',
      'freopen',
      'opendir',
      'truncate',
      'getxattr',
      'lgetxattr',
      'listxattr',
      'llistxattr',
    ],
    attack: 'what is opened is not what was checked (CVE-2019-5736, CVE-2018-15664, CVE-2025-52881)',
    instead: 'OpenInRoot or OpenParentInRoot, and the descriptor from then on',
  },
  {
    calls: [
      'stat',
      'lstat',
      'access',
      'readlink',
      'realpath',
      'canonicalize_file_name',
      'statfs',
      'statvfs',
      'inotify_add_watch',
    ],
    attack: 'what is looked at is another thing when it is used (CVE-2018-15664, CVE-2021-30465)',
    instead: 'OpenInRoot with O_PATH, then fstat, fstatfs or readlinkat of the descriptor',
  },
  {
    calls: ['mkdir', 'mknod', 'mkfifo', 'mkdtemp', 'mkstemp', 'mkostemp', 'symlink', 'link'],
    attack: 'something is made on the host through a swapped directory (CVE-2024-45310, CVE-2025-52565)',
    instead: 'MkdirsInRoot or OpenParentInRoot, then the *at call with one name',
  },
  {
    calls: ['rename', 'unlink', 'rmdir', 'remove', 'nftw', 'ftw', 'fts_open', 'scandir', 'glob'],
    attack: 'something of the host is removed through a link (CVE-2024-23652)',
    instead: 'RemoveTree, or OpenParentInRoot and unlinkat or renameat2 with one name',
  },
  {
    calls: ['chdir', 'chroot', 'pivot_root', 'acct', 'swapon', 'system', 'popen'],
    attack: 'the process ends up where an image says (CVE-2024-21626)',
    instead: 'fchdir to an open directory, then "." where a path is asked for',
  },
]

const standardLibrary: Ban = {
  calls: ['filesystem', 'ifstream', 'ofstream', 'fstream'],
  attack: 'it resolves each path anew, and follows links (CVE-2018-15664, CVE-2024-23652)',
  instead: 'core/paths.h',
}

const follows = {
  attack: 'the last name may have become a link (CVE-2018-15664, CVE-2024-45310)',
  instead: 'O_NOFOLLOW, AT_SYMLINK_NOFOLLOW or AT_EMPTY_PATH, or a name below /proc/self/fd',
}
const keepsFromFollowing = /\b(O_NOFOLLOW|AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH|O_EXCL)\b/
// Those that ask: a link that is followed here leads elsewhere. (mkdirat, mknodat, symlinkat, unlinkat, renameat and readlinkat follow none.)
const asksForLinks = ['openat', 'fchownat', 'fchmodat', 'fstatat', 'statx', 'utimensat', 'name_to_handle_at']

const severalNames = {
  attack: 'a directory on the way may have become a link (CVE-2021-30465, CVE-2024-45310)',
  instead: 'OpenParentInRoot, then one name',
}
const atCalls = [
  ...asksForLinks,
  'mkdirat',
  'mknodat',
  'symlinkat',
  'linkat',
  'unlinkat',
  'renameat',
  'renameat2',
  'readlinkat',
]

/** One call that must not be there. */
export interface PathCall {
  readonly file: string
  readonly line: number
  readonly call: string
  /** The sentence that tells the attack and the cure. */
  readonly message: string
}

const withoutComments = (text: string): string => text.replace(/\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length))

// From the parenthesis at `start` to its partner.
const argumentsAt = (text: string, start: number): string => {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    if (text[index] === '(') depth++
    if (text[index] === ')' && --depth === 0) return text.slice(start + 1, index)
  }
  return text.slice(start + 1)
}

// "." and "/" are where the process is; no link can stand there. The name of a descriptor is no path.
const isFixed = (parameters: string): boolean =>
  /^\s*((nullptr|inotify_)\s*,\s*)?"[./]"/.test(parameters) || parameters.includes('"/proc/self/fd/" +')

// O_NOFOLLOW, said here or in the constant that is named here.
const keepsLinks = (text: string, parameters: string): boolean => {
  if (keepsFromFollowing.test(parameters)) return true
  const names = [...parameters.matchAll(/\b(k[A-Z]\w*|flags)\b/g)].map(([, name]) => name)
  return names.some((name) => keepsFromFollowing.test(new RegExp(`\\b${name} = [^;]*;`).exec(text)?.[0] ?? ''))
}

const tell = (call: string, { attack, instead }: { readonly attack: string; readonly instead: string }): string =>
  `${call}: ${attack}. Instead: ${instead}.`

const isKernels = (file: string): boolean => file.startsWith('addon/cgroup/')

// Both are alone with directories that they have made, 0700, whose names are checked: no container reaches what is between.
const hasOwnDirectories = (file: string): boolean => isKernels(file) || file.startsWith('addon/supervisor/')

// The store's own `tmp` may be a link of its owner's to another disk.
const namesOwn = (file: string, parameters: string): boolean =>
  file.startsWith('addon/supervisor/') && /^[^,]*,\s*("[^"]*"|k[A-Z]\w*)\s*,/.test(parameters)

/** Those of one file; `text` is what is in it. */
export const pathCallsOf = (file: string, source: string): readonly PathCall[] => {
  const text = withoutComments(source)
  const found: PathCall[] = []
  const add = (index: number, call: string, message: string) =>
    found.push({ file, line: text.slice(0, index).split('\n').length, call, message })
  for (const { 0: match, 1: call = '', index } of text.matchAll(/(?:(?<![\w>)])::|\bstd::|\bsys::)(\w+)\(/g)) {
    const parameters = argumentsAt(text, index + match.length - 1)
    const ban = byPath.find(({ calls }) => calls.includes(call))
    if (ban && !isFixed(parameters)) add(index, call, tell(call, ban))
    if (!atCalls.includes(call) || isFixed(parameters.replace(/^[^,]*,/, ''))) continue
    const trusted = isKernels(file) || namesOwn(file, parameters)
    if (asksForLinks.includes(call) && !trusted && !keepsLinks(text, parameters)) add(index, call, tell(call, follows))
    if (!hasOwnDirectories(file) && /\+ "\/|"[^"\n]+\/[^"\n]*"/.test(parameters))
      add(index, call, tell(call, severalNames))
  }
  for (const { 1: call = '', index } of text.matchAll(/\bstd::(filesystem|[io]?fstream)\b/g))
    add(index, call, tell(call, standardLibrary))
  return found
}

/** Those of everything below addon/ but its tests. */
export const pathCalls = (): readonly PathCall[] =>
  addonSources()
    .filter((file) => !file.startsWith('addon/test/'))
    .flatMap((file) => pathCallsOf(file, readFileSync(join(top, file), 'utf8')))
