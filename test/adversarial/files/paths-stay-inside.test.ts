// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { makeTar, run } from '../../integration/image/rootfs.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))
const sh = async (script: string): Promise<string> => (await box.sh(script)).stdout

test('a FIFO, a device and a socket are not opened, and nobody waits', async () => {
  await sh('mkfifo /tmp/pipe; ln -s /dev/zero /tmp/zero')
  for (const path of ['/tmp/pipe', '/tmp/zero', '/dev/null']) {
    await expect(box.fs.readFile(path), path).rejects.toMatchObject({
      code: 'ERR_FILE_TYPE',
      errno: 'EINVAL',
      object: path,
    })
    await expect(box.fs.writeFile(path, 'x'), path).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', object: path })
    await expect(box.fs.open(path, 'r+'), path).rejects.toMatchObject({ code: 'ERR_FILE_TYPE' })
  }
  expect((await box.fs.stat('/tmp/pipe')).type).toBe('fifo')
  await box.fs.chmod('/tmp/pipe', 0o600)
  expect(await sh('stat -c %a /tmp/pipe')).toBe('600\n')
})

test('links and dots end at the container’s root', async () => {
  const secret = join(host.directory, 'secret')
  await run('sh', '-c', `echo host > ${secret}`)
  await sh(
    `mkdir -p /l; ln -s ${secret} /l/absolute; ln -s ../../../../../..${secret} /l/relative; ln -s / /l/root; ln -s loop /l/loop`,
  )
  for (const path of ['/l/absolute', '/l/relative', `/l/root/../../..${secret}`, `/../../../..${secret}`])
    await expect(box.fs.readFile(path), path).rejects.toMatchObject({ errno: 'ENOENT', object: path })
  await expect(box.fs.readFile('/l/loop')).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', errno: 'ELOOP' })
  await box.fs.mkdir(`${host.directory}/inside`, { recursive: true })
  await box.fs.writeFile('/l/absolute', 'container\n')
  expect(await readFile(secret, 'utf8')).toBe('host\n')
  expect(await sh(`cat ${secret}`)).toBe('container\n')
})

test('magic links of proc lead nowhere', async () => {
  await sh('ln -s /proc/1/root /tmp/root; ln -s /proc/self/fd/0 /tmp/fd; ln -s /proc/1/exe /tmp/exe')
  for (const path of ['/tmp/root/etc/passwd', '/tmp/fd', '/tmp/exe', '/proc/1/cwd/etc/passwd'])
    await expect(box.fs.readFile(path), path).rejects.toMatchObject({
      errno: expect.stringMatching(/ELOOP|ENOENT|EACCES/),
    })
  await expect(box.fs.writeFile('/tmp/exe', 'x')).rejects.toMatchObject({
    errno: expect.stringMatching(/ELOOP|EACCES/),
  })
})

test('account files may be anything', async () => {
  const other = await host.idle()
  const attacks = ['mkfifo', 'ln -s /dev/zero', 'mkdir', 'truncate -s 2G']
  for (const attack of attacks) {
    await other.sh(`rm -rf /etc/passwd; ${attack} /etc/passwd`)
    await expect(other.fs.writeFile('/tmp/x', 'x', { owner: 'root' }), attack).rejects.toMatchObject({
      code: 'ERR_USER_NOT_FOUND',
    })
    await other.fs.writeFile('/tmp/x', 'x', { owner: has('subordinate ids') ? 3 : 0 })
  }
  await other.remove({ force: true })
})

test('a tar cannot write outside of where it is unpacked', async () => {
  const tree = join(host.directory, 'tree')
  await run('sh', '-c', `mkdir -p ${tree}/d && echo evil > ${tree}/d/evil`)
  const tar = await makeTar(tree, join(host.directory, 'evil.tar'), '-P', '--transform', 's,d/evil,../../../evil,')
  const { createReadStream } = await import('node:fs')
  await expect(box.fs.copyIn(createReadStream(tar), '/target/a')).rejects.toMatchObject({ errno: 'EINVAL' })
  expect(await box.fs.exists('/evil')).toBe(false)
})
