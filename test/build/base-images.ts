// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type LayerEntry, tarOfEntries } from '../support/layered-layout.js'
import type { LayerStack } from './read-image.js'
import { readTar } from './tar-reader.js'

/** A small base image: what is in it is known, so that a golden need only say what a build changed. */
export interface BaseImage {
  /** As in `FROM`. */
  readonly name: string
  readonly entries: readonly LayerEntry[]
  /** The `config` of the image's configuration. */
  readonly config: Readonly<Record<string, unknown>>
}

// What the cases run; every other applet is reached as `busybox NAME`.
const applets = (
  'sh ash cat ls echo id pwd env printenv mkdir rmdir rm cp mv ln chmod chown touch test true false stat find grep sed sort head tail wc ' +
  'cut tr tee dd df mount umount mkfifo mknod readlink realpath sha256sum hostname uname whoami ps kill sleep xargs tar gzip gunzip ip wget'
).split(' ')

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
app:x:1000:1000:app:/home/app:/bin/sh
web:x:1001:1002:web:/home/web:/bin/sh
`
const group = `root:x:0:
daemon:x:1:
app:x:1000:
web:x:1002:
staff:x:50:app
audio:x:29:app,web
`

const directory = (path: string, mode = 0o755, uid = 0, gid = 0): LayerEntry => ({
  path: `${path}/`,
  type: 'directory',
  mode,
  uid,
  gid,
})

const busybox = (): LayerEntry => ({
  path: 'bin/busybox',
  mode: 0o755,
  data: readFileSync('/bin/busybox'),
})

const root = (): readonly LayerEntry[] => [
  ...['bin', 'dev', 'etc', 'home', 'proc', 'sys', 'usr', 'usr/bin', 'usr/share', 'var'].map((path) => directory(path)),
  directory('root', 0o700),
  directory('tmp', 0o1777),
  directory('home/app', 0o750, 1000, 1000),
  directory('srv', 0o775, 0, 50),
  busybox(),
  ...applets.map((name): LayerEntry => ({ path: `bin/${name}`, type: 'symlink', target: 'busybox', mode: 0o777 })),
  { path: 'etc/passwd', data: passwd },
  { path: 'etc/group', data: group },
  { path: 'etc/base-file', data: 'base\n', mode: 0o640, gid: 50 },
  { path: 'usr/share/link-to-srv', type: 'symlink', target: '/srv', mode: 0o777 },
  { path: 'usr/share/relative', type: 'symlink', target: '../../srv', mode: 0o777 },
  { path: 'usr/share/dangling', type: 'symlink', target: '/nowhere/yet', mode: 0o777 },
]

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The images that the cases build on. */
export const baseImages = (): readonly BaseImage[] => [
  { name: 'tsc-test/base:1', entries: root(), config: { Env: [path], Cmd: ['/bin/sh'] } },
  {
    name: 'tsc-test/configured:1',
    entries: root(),
    config: {
      Env: [path, 'FROM_BASE=yes', 'EMPTY='],
      Entrypoint: ['/bin/echo', 'entry'],
      Cmd: ['base-cmd'],
      User: 'app',
      WorkingDir: '/srv',
      Labels: { base: 'one', both: 'base' },
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/data': {} },
      StopSignal: 'SIGINT',
      Healthcheck: { Test: ['CMD', '/bin/true'], Interval: 5_000_000_000 },
    },
  },
  {
    name: 'tsc-test/triggers:1',
    entries: root(),
    config: {
      Env: [path],
      Cmd: ['/bin/sh'],
      OnBuild: ['COPY from-trigger /from-trigger', 'RUN echo triggered > /triggered', 'ENV TRIGGER=yes'],
    },
  },
  { name: 'tsc-test/bare:1', entries: [directory('etc'), { path: 'etc/only', data: 'only\n' }], config: {} },
]

/** Their layers, for read-image.ts. */
export const baseStacks = (): readonly LayerStack[] =>
  baseImages().map(({ entries }) => {
    const tar = tarOfEntries(entries)
    return { diffIds: [`sha256:${createHash('sha256').update(tar).digest('hex')}`], layers: [readTar(tar)] }
  })
