// SPDX-License-Identifier: Apache-2.0
// security.md, Build and Network: a command and the host's network; caches that a command fills with traps; what a base image says.
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { makeRootfs, makeTar } from '../../integration/image/rootfs.js'
import { box, useBuildEngine } from '../../support/build-engine.js'

const { host, build, say } = useBuildEngine()
let server: Server
let port: number
let visits = 0

beforeAll(async () => {
  server = createServer((socket) => {
    visits++
    socket.end('of the host')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

const asking = () => `${box} nc -w 2 127.0.0.1 ${port} < /dev/null > /answer 2>&1; true`

test.each(['none', 'default'] as const)(
  'a command with the network %s does not reach the host’s loopback',
  async (network) => {
    visits = 0
    const image = await build(`FROM base:1\nRUN : ${network}; ${asking()}\n`, { network })
    expect(await say(image, `${box} cat /answer`)).not.toContain('of the host')
    expect(visits).toBe(0)
  },
)

test('a command that gives itself the host’s network is refused, unless the build has it', async () => {
  visits = 0
  const text = `FROM base:1\nRUN --network=host ${asking()}\n`
  for (const network of ['none', 'default'] as const) {
    const failure = await build(text, { network }).catch((error) => error.hint)
    expect(failure).toContain("network: 'host'")
  }
  expect(visits).toBe(0)
  expect(await say(await build(text, { network: 'host' }), `${box} cat /answer`)).toBe('of the host')
})

test('a command has no more capabilities than one of a container, and no devices', async () => {
  const image = await build(`FROM base:1
RUN ${box} mknod /tmp/zero c 1 5 2>/dev/null && ${box} dd if=/tmp/zero count=1 of=/read 2>/dev/null; ${box} mount -t tmpfs none /var 2>/dev/null && echo mounted > /mounted; \\
  echo another > /proc/sys/kernel/hostname 2>/dev/null && echo named > /named; true
`)
  expect(await say(image, `${box} ls /read /mounted /named 2>/dev/null; true`)).toBe('')
})

test('what a command leaves in a cache leads the next one nowhere', async () => {
  const canary = join(host.directory, 'canary')
  await writeFile(canary, 'canary')
  await build(`FROM base:1
RUN --mount=type=cache,id=../../../../trap,target=/c ${box} ln -s ${canary} /c/link; ${box} ln -s / /c/root; ${box} ln -s ../../../.. /c/up; \\
  ${box} cp ${box} /c/setuid && ${box} chmod 6755 /c/setuid; ${box} mkfifo /c/fifo; true
`)
  const image = await build(`FROM base:1
RUN --mount=type=cache,id=../../../../trap,target=/c ${box} cat /c/link > /read 2>/dev/null; echo overwritten > /c/link; ${box} ls /c/root/ > /root-of; ${box} ls /c/up/ > /up-of; true
`)
  expect(await readFile(canary, 'utf8')).toBe('canary')
  expect(await say(image, `${box} cat /read`)).toBe('')
  // What it found at the ends of the links is its own root.
  expect(await say(image, `${box} cat /root-of`)).toContain('bin')
  expect(await say(image, `${box} cat /root-of /up-of`)).not.toContain('home')
})

test('a cache whose place is exchanged for a link by the one before is mounted at its place all the same', async () => {
  // The mount point is a link of the image: it leads inside the root (CVE-2024-23651, 23652).
  const text = `FROM base:1
RUN ${box} mkdir -p /a && ${box} ln -s ${host.directory} /a/c
RUN --mount=type=cache,id=linked,target=/a/c echo written > /a/c/file
RUN ${box} rm /a/c; echo gone
`
  // It may be refused, since what the link names is not in the image.
  await build(text).catch(() => {})
  await expect(stat(join(host.directory, 'file'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('names of variables, labels and users of a base image do nothing on the host', async () => {
  const rootfs = await makeRootfs(join(host.directory, 'evil'))
  const tar = await makeTar(rootfs, join(host.directory, 'evil.tar'))
  await Image.import(tar, {
    engine: host.engine,
    tag: 'evil:1',
    config: {
      env: [
        'LD_PRELOAD=/evil.so',
        'NODE_OPTIONS=--require /evil.js',
        'BASH_ENV=/evil',
        'PATH=/bin',
        'A B=c',
        '__proto__=polluted',
        'TSCONTAINER_ROOT=/',
      ],
      labels: { 'dev.tscontainer.build': 'false', __proto__: 'polluted', 'io.podman.annotations': 'x' },
      workingDir: '/../../../../etc',
    },
  })
  const image = await build(`FROM evil:1\nRUN ${box} env > /env; ${box} pwd > /cwd; echo made > made\n`)
  expect(await say(image, `${box} cat /env`)).toContain('LD_PRELOAD=/evil.so')
  expect(await say(image, `${box} cat /cwd /etc/made`)).toBe('/etc\nmade\n')
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(image.config.env).toEqual(expect.arrayContaining(['__proto__=polluted']))
})
