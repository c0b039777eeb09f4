// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { run } from '../../integration/image/rootfs.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
let canary: string
beforeAll(async () => {
  box = await host.idle()
  canary = join(host.directory, 'canary')
  await mkdir(canary)
  await writeFile(join(canary, 'file'), 'of the host\n')
})
afterAll(async () => {
  expect(await readdir(canary)).toEqual(['file'])
  expect(await readFile(join(canary, 'file'), 'utf8')).toBe('of the host\n')
  await box.remove({ force: true })
})
const sh = async (script: string): Promise<string> => (await box.sh(script)).stdout

// renameat2(…, RENAME_EXCHANGE), for as long as it is let.
const exchange = (one: string, other: string): string =>
  `$n = ${process.arch === 'arm64' ? 276 : 316}; $| = 1; print "go\\n"; syscall($n, -100, "${one}", -100, "${other}", 2) while 1`

const typed = async (act: () => Promise<unknown>): Promise<void> => {
  try {
    await act()
  } catch (error) {
    if (!EngineError.is(error)) throw error
    expect(error.errno).toMatch(/^E[A-Z]+$/)
  }
}

test('a directory and a link to the host that change places all the time (CVE-2018-15664)', async () => {
  await sh(`mkdir -p /a/dir; echo inside > /a/dir/file; ln -s ${canary} /a/link`)
  const attack = box.exec(['perl', '-e', exchange('/a/dir', '/a/link')], { check: false, buffer: false })
  for await (const line of attack.stdout.lines()) if (line === 'go') break
  const source = join(host.directory, 'source')
  await mkdir(source)
  await writeFile(join(source, 'file'), 'from outside\n')
  for (let round = 0; round < 60; round++) {
    const out = join(host.directory, `out-${round}`)
    await typed(() => box.fs.copyOut('/a/dir', out))
    await typed(() => box.fs.copyOut('/a', join(host.directory, `tree-${round}`)))
    await typed(() => box.fs.copyIn(source, '/a/dir'))
    await typed(() => box.fs.writeFile('/a/dir/file', 'from outside\n'))
    await typed(async () => expect(await box.fs.readFile('/a/dir/file', 'utf8')).not.toBe('of the host\n'))
    await typed(() => box.fs.chmod('/a/dir/file', 0o600))
    await typed(() => box.fs.rm('/a/dir/file'))
    await typed(() => box.fs.mkdir('/a/dir/made', { recursive: true }))
    await typed(() => box.fs.rename('/a/dir/made', '/a/link/moved'))
    for (const name of await readdir(out).catch(() => []))
      if ((await lstat(join(out, name))).isFile())
        expect(await readFile(join(out, name), 'utf8')).not.toBe('of the host\n')
  }
  await attack.kill('SIGKILL')
  await attack
  expect((await stat(join(canary, 'file'))).mode & 0o777).not.toBe(0o600)
})

test('files that change places with FIFOs and links while a tree is copied are left out or whole', async () => {
  await sh(
    'mkdir -p /b/t; cd /b; head -c 100000 /dev/zero > t/file; mkfifo pipe; ln -s /proc/1/mem loop; mkdir -p t/sub; touch t/sub/x',
  )
  const attacks = [exchange('/b/t/file', '/b/pipe'), exchange('/b/t/sub', '/b/loop')].map((script) =>
    box.exec(['perl', '-e', script], { check: false, buffer: false }),
  )
  for (const attack of attacks) for await (const line of attack.stdout.lines()) if (line === 'go') break
  for (let round = 0; round < 40; round++) {
    const out = join(host.directory, `mixed-${round}`)
    await box.fs.copyOut('/b/t', out)
    for (const name of await readdir(out)) {
      const found = await lstat(join(out, name))
      if (found.isFile()) expect(found.size).toBe(100_000)
    }
    await typed(() => box.fs.readFile('/b/t/file'))
    await typed(() => box.fs.writeFile('/b/t/file', Buffer.alloc(100_000)))
  }
  for (const attack of attacks) await attack.kill('SIGKILL')
  await Promise.all(attacks)
})

test('a tree that grows, shrinks and vanishes is copied as it is met', async () => {
  const busy = box.sh(
    'mkdir /c; echo go; while :; do mkdir -p /c/d/e; head -c 300000 /dev/zero > /c/d/big; : > /c/d/big; echo x > /c/d/e/f; rm -r /c/d; done',
    { check: false, buffer: false },
  )
  for await (const line of busy.stdout.lines()) if (line === 'go') break
  for (let round = 0; round < 40; round++) await box.fs.copyOut('/c', join(host.directory, `busy-${round}`))
  await busy.kill('SIGKILL')
  await busy
})

test('what could be loaded from the container is not (CVE-2019-14271)', async () => {
  const code = join(host.directory, 'evil.c')
  await writeFile(
    code,
    '#include <fcntl.h>\n__attribute__((constructor)) static void run(void) { open("/tmp/loaded", O_CREAT | O_WRONLY, 0600); }\n',
  )
  const library = join(host.directory, 'evil.so')
  await run('cc', '-shared', '-fPIC', '-o', library, code)
  const script = join(host.directory, 'xz')
  await writeFile(script, '#!/bin/sh\n: > /tmp/loaded\n', { mode: 0o755 })
  await box.fs.mkdir('/lib-evil', { recursive: true })
  for (const name of ['libnss_files.so.2', 'libnss_evil.so.2', 'libc.so.6'])
    await box.fs.copyIn(library, `/lib-evil/${name}`)
  for (const name of ['xz', 'unxz', 'gzip', 'unpigz', 'tar']) await box.fs.copyIn(script, `/usr-local/${name}`)
  await box.fs.writeFile('/etc/nsswitch.conf', 'passwd: evil files\ngroup: evil files\n')
  await box.fs.writeFile('/etc/ld.so.preload', '/lib-evil/libc.so.6\n')
  await box.fs.writeFile('/tmp/x', 'x', { owner: has('subordinate ids') ? 'daemon' : 'root' })
  await box.fs.copyOut('/usr-local', join(host.directory, 'astray'))
  expect(await box.fs.exists('/tmp/loaded')).toBe(false)
  await expect(stat('/tmp/loaded')).rejects.toMatchObject({ code: 'ENOENT' })
  await box.fs.rm('/etc/ld.so.preload')
})

test('what comes out has no power on the host', async () => {
  await sh('mkdir -p /p; cp /bin/true /p/suid; chmod 6755 /p/suid; mkdir -m 2777 /p/sticky; ln -s /etc/shadow /p/link')
  const out = join(host.directory, 'power')
  await box.fs.copyOut('/p', out)
  expect((await stat(join(out, 'suid'))).mode & 0o7777).toBe(0o755)
  expect((await stat(join(out, 'sticky'))).mode & 0o7777).toBe(0o777)
  // Into what is there: a link in the target is not a way out of it.
  await box.fs.copyIn(join(canary, 'file'), '/q/sub/file')
  const there = join(host.directory, 'there')
  await mkdir(there)
  await run('ln', '-s', canary, join(there, 'sub'))
  await typed(() => box.fs.copyOut('/q', there))
  expect((await readdir(canary)).sort()).toEqual(['file'])
})
