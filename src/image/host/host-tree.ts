// SPDX-License-Identifier: Apache-2.0
import { normalize } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import type { TarItem } from '../../layer/build-tar.js'
import { HostFiles, type HostInput } from './host-files.js'

/** The files of the layer that goes around the machine's /usr, and what they were made from. */
export interface HostTree {
  readonly items: readonly TarItem[]
  readonly inputs: readonly HostInput[]
}

/** Counts up whenever the tree of an unchanged host changes. */
export const hostTreeVersion = 1

const linksIntoUsr = ['bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32']
const directories: readonly (readonly [path: string, mode: number])[] = [
  ['dev', 0o755],
  ['etc', 0o755],
  ['etc/ca-certificates', 0o755],
  ['etc/pki', 0o755],
  ['etc/pki/ca-trust', 0o755],
  ['etc/pki/tls', 0o755],
  ['etc/ssl', 0o755],
  ['home', 0o755],
  ['media', 0o755],
  ['mnt', 0o755],
  ['opt', 0o755],
  ['proc', 0o555],
  ['root', 0o700],
  ['run', 0o755],
  ['run/lock', 0o1777],
  ['srv', 0o755],
  ['sys', 0o555],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['var', 0o755],
  ['var/cache', 0o755],
  ['var/lib', 0o755],
  ['var/log', 0o755],
  ['var/spool', 0o755],
  ['var/tmp', 0o1777],
]

// What programs in /usr look for in /etc that is the same for every user and tells nothing about this machine's.
const copied = [
  'etc/alternatives',
  'etc/ca-certificates',
  'etc/ca-certificates.conf',
  'etc/crypto-policies',
  'etc/ld.so.cache',
  'etc/ld.so.conf',
  'etc/ld.so.conf.d',
  'etc/localtime',
  'etc/pki/ca-trust/extracted',
  'etc/pki/tls/cert.pem',
  'etc/pki/tls/certs',
  'etc/pki/tls/openssl.cnf',
  'etc/protocols',
  'etc/services',
  'etc/ssl/cert.pem',
  'etc/ssl/certs',
  'etc/ssl/openssl.cnf',
  'etc/timezone',
]

const shells = ['bin/sh', 'bin/bash', 'bin/dash', 'bin/rbash', 'bin/zsh', 'usr/bin/fish']

/** Reads what the layer is made of from the host whose / is `root`. ERR_UNSUPPORTED where /bin and its like are not links into /usr. */
export async function hostTree(root: string): Promise<HostTree> {
  const files = new HostFiles(root)
  const links = await usrLinks(files)
  for (const path of copied) await files.copy(path)
  const accounts = await accountFiles(files)
  const there = new Set(files.items.map(({ path }) => path))
  const items: TarItem[] = [
    ...files.items,
    ...links,
    ...accounts,
    ...directories
      .filter(([path]) => !there.has(path) && isWanted(path, there))
      .map(([path, mode]) => ({ type: 'directory' as const, path, mode })),
    { type: 'symlink', path: 'etc/os-release', target: '../usr/lib/os-release' },
    { type: 'symlink', path: 'etc/mtab', target: '../proc/self/mounts' },
    { type: 'symlink', path: 'var/run', target: '/run' },
    { type: 'symlink', path: 'var/lock', target: '/run/lock' },
    text('etc/nsswitch.conf', nsswitch),
    text('etc/hosts', '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n'),
    text('etc/shells', (await presentShells(files)).map((path) => `/${path}\n`).join('')),
  ]
  return { items, inputs: files.inputs }
}

// Directories below /etc are there for what was copied into them only.
function isWanted(path: string, there: ReadonlySet<string>): boolean {
  if (!path.startsWith('etc/')) return true
  return [...there].some((other) => other.startsWith(`${path}/`))
}

async function usrLinks(files: HostFiles): Promise<readonly TarItem[]> {
  const items: TarItem[] = []
  for (const path of linksIntoUsr) {
    const target = await files.link(path)
    if (target === undefined) continue
    if (target === null || !normalize(`/${target}`).startsWith('/usr/')) throw notMerged(path)
    items.push({ type: 'symlink', path, target })
  }
  if (!items.some(({ path }) => path === 'bin')) throw notMerged('bin')
  return items
}

// The distribution's own table of accounts, where it ships one in /usr: never the host's, which has people in it.
async function accountFiles(files: HostFiles): Promise<readonly TarItem[]> {
  const passwd = await files.content('usr/share/base-passwd/passwd.master')
  const group = await files.content('usr/share/base-passwd/group.master')
  const both = passwd !== null && group !== null
  return [
    both ? file('etc/passwd', passwd) : text('etc/passwd', plainPasswd),
    both ? file('etc/group', group) : text('etc/group', plainGroup),
  ]
}

async function presentShells(files: HostFiles): Promise<readonly string[]> {
  const present = await Promise.all(shells.map((path) => files.exists(path)))
  return shells.filter((_, index) => present[index])
}

function file(path: string, data: Uint8Array): TarItem {
  return { type: 'file', path, mode: 0o644, data }
}

function text(path: string, content: string): TarItem {
  return file(path, Buffer.from(content))
}

const nsswitch = `passwd: files
group: files
shadow: files
hosts: files dns
networks: files
protocols: files
services: files
ethers: files
rpc: files
`

const plainPasswd = `root:*:0:0:root:/root:/bin/sh
daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:*:2:2:bin:/bin:/usr/sbin/nologin
sys:*:3:3:sys:/dev:/usr/sbin/nologin
mail:*:8:8:mail:/var/mail:/usr/sbin/nologin
nobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`

const plainGroup = `root:*:0:
daemon:*:1:
bin:*:2:
sys:*:3:
adm:*:4:
tty:*:5:
mail:*:8:
users:*:100:
nogroup:*:65534:
`

function notMerged(path: string): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `this machine cannot be an image: /${path} is not a link into /usr`,
    object: `/${path}`,
    hint: 'merge /usr (Debian and Ubuntu: apt-get install usrmerge), or use another image: Image.import(rootfs tar), Image.load(archive)',
  })
}
