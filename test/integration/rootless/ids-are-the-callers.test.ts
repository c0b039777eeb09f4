// SPDX-License-Identifier: Apache-2.0
// What a container of an ordinary user may be, inside and outside: the ids are the caller's own, or subordinate ones.
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect } from 'vitest'
import { Container } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const uid = process.getuid?.() ?? 0
const gid = process.getgid?.() ?? 0
const shared = { mounts: [] as { type: 'bind'; source: string; target: string }[] }

beforeAll(async () => {
  const source = join(host.directory, 'shared')
  await mkdir(source)
  shared.mounts.push({ type: 'bind', source, target: '/shared' })
})

const ownerOf = async (name: string) => {
  const found = await stat(join(host.directory, 'shared', name))
  return { uid: found.uid, gid: found.gid }
}

// The first id that /etc/subuid gives to a name.
const firstSubordinate = async (file: string, user: string) => {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.split(':'))
  return Number(lines.find(([name]) => name === user)?.[1])
}

describe('the root of a container', () => {
  testNeeding('ordinary user')('is the caller, whose files it makes', async () => {
    const box = await host.run({ idle: true, ...shared })
    await box.sh('echo hello >/shared/by-root')
    expect(await ownerOf('by-root')).toEqual({ uid, gid })
    expect((await box.sh('cat /proc/self/uid_map')).stdout.trim().split(/\s+/).slice(0, 2)).toEqual(['0', '0'])
    await box.remove({ force: true })
  })

  testNeeding('ordinary user')(
    'has none of the caller’s other groups, and no power over what is not the caller’s',
    async () => {
      const box = await host.run({ idle: true, mounts: [{ type: 'bind', source: '/etc', target: '/host-etc' }] })
      expect((await box.sh('id -G')).stdout).toBe('0\n')
      expect(await box.sh('cat /host-etc/shadow', { check: false })).toMatchObject({ exitCode: 1, stdout: '' })
      expect(await box.sh('echo x >>/host-etc/passwd', { check: false })).toMatchObject({ exitCode: 2 })
      expect(await box.sh('mount -t tmpfs none /mnt', { check: false })).not.toMatchObject({ exitCode: 0 })
      await box.remove({ force: true })
    },
  )

  testNeeding('ordinary user', 'overlay')('has an overlay of its own, made without root', async () => {
    const box = await host.run({ idle: true })
    const { stdout } = await box.sh('grep " / " /proc/mounts')
    expect(stdout).toContain('userxattr')
    await box.sh('touch /new && rm /etc/hostname 2>/dev/null; rm -r /var/tmp && mkdir /var/tmp && ls /var/tmp')
    await box.remove({ force: true })
  })
})

describe('another user', () => {
  testNeeding('ordinary user', 'subordinate ids')('is one of the subordinate ids', async () => {
    const name = process.env.USER ?? ''
    const first = await firstSubordinate('/etc/subuid', name)
    const box = await host.run({ idle: true, ...shared })
    await box.sh('chmod 777 /shared')
    await box.exec(['touch', '/shared/by-user'], { user: '1000:2000' })
    const firstGroup = await firstSubordinate('/etc/subgid', name)
    expect(await ownerOf('by-user')).toEqual({ uid: first + 999, gid: firstGroup + 1999 })
    await box.exec(['rm', '/shared/by-user'])
    await box.remove({ force: true })
  })

  testNeeding('single id')('is refused by name before anything exists, with the cure', async () => {
    const refused = { code: 'ERR_USER_UNMAPPED', hint: expect.stringContaining('usermod --add-subuids') }
    await expect(host.run({ command: ['true'], user: 1000 })).rejects.toMatchObject(refused)
    await expect(host.run({ command: ['true'], user: 'daemon' })).rejects.toMatchObject(refused)
    expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
    const box = await host.run({ idle: true })
    await expect(box.exec(['id'], { user: '1000' })).rejects.toMatchObject(refused)
    await expect(box.exec(['id'], { user: '0:5' })).rejects.toMatchObject(refused)
    expect((await box.exec(['id', '-u'], { user: 'root' })).stdout).toBe('0\n')
    await box.remove({ force: true })
  })
})
