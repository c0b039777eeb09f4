// SPDX-License-Identifier: Apache-2.0
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Container, type ContainerOptions, EngineError, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// Whatever was refused: no container, no name, nothing of it anywhere.
afterAll(async () => {
  expect(await readdir(join(host.root, 'containers'))).toEqual([])
  expect(await readdir(join(host.root, 'names'))).toEqual([])
})

const refused = async (promise: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await promise.then(
    () => new Error('was accepted'),
    (reason: unknown) => reason,
  )
  if (!EngineError.is(error)) throw error
  return error
}

const run = ['true']
const cases: readonly (readonly [what: string, options: object, code: string, option?: string])[] = [
  ['an unknown option', { memroy: '1g' }, 'ERR_INVALID_ARGUMENT', 'memroy'],
  ['a malformed size', { memory: '64 monkeys' }, 'ERR_INVALID_ARGUMENT', 'memory'],
  ['a size in an ambiguous unit', { memory: '64MB' }, 'ERR_INVALID_ARGUMENT', 'memory'],
  ['a negative size', { memory: -1 }, 'ERR_INVALID_ARGUMENT', 'memory'],
  ['an unknown capability', { capabilities: { add: ['FLY'] } }, 'ERR_INVALID_ARGUMENT', 'capabilities.add[0]'],
  ['a bad signal', { stopSignal: 'SIGNOPE' }, 'ERR_INVALID_ARGUMENT', 'stopSignal'],
  ['a name with ..', { name: '../../etc' }, 'ERR_INVALID_ARGUMENT', 'name'],
  ['a command that is a string', { command: 'ls -l' }, 'ERR_INVALID_ARGUMENT', 'command'],
  ['an argument with NUL', { command: ['a\0b'] }, 'ERR_INVALID_ARGUMENT', 'command[0]'],
  ['a variable with =', { env: { 'A=B': 'c' } }, 'ERR_INVALID_ARGUMENT', 'env'],
  ['variables as a list', { env: ['A=B'] }, 'ERR_INVALID_ARGUMENT', 'env'],
  ['labels with numbers', { labels: { a: 1 } }, 'ERR_INVALID_ARGUMENT', 'labels.a'],
  ['a relative workdir', { workdir: 'tmp' }, 'ERR_INVALID_ARGUMENT', 'workdir'],
  ['a user that is no id', { user: 4294967295 }, 'ERR_INVALID_ARGUMENT', 'user'],
  ['a user with a sign', { user: '+0' }, 'ERR_INVALID_ARGUMENT', 'user'],
  ['a user with an empty group', { user: '1000:' }, 'ERR_INVALID_ARGUMENT', 'user'],
  ['ports that are none', { ports: ['99:x'] }, 'ERR_INVALID_ARGUMENT', 'ports[0]'],
  [
    'a mount over /proc',
    { mounts: [{ type: 'tmpfs', target: '/proc/sys' }] },
    'ERR_INVALID_ARGUMENT',
    'mounts[0].target',
  ],
  [
    'a mount that leaves',
    { mounts: [{ type: 'tmpfs', target: '/a/../../b' }] },
    'ERR_INVALID_ARGUMENT',
    'mounts[0].target',
  ],
  ['a mount of no type', { mounts: [{ target: '/a' }] }, 'ERR_INVALID_ARGUMENT', 'mounts[0].type'],
  [
    'a source that is not there',
    { mounts: [{ type: 'bind', source: '/nowhere', target: '/a' }] },
    'ERR_INVALID_ARGUMENT',
  ],
  ['a sysctl of the host', { sysctls: { 'kernel.panic': '1' } }, 'ERR_INVALID_ARGUMENT', 'sysctls.kernel.panic'],
  ['a sysctl with a newline', { sysctls: { 'net.ipv4.ip_forward': '1\n1' } }, 'ERR_INVALID_ARGUMENT'],
  [
    'a sysctl of a shared namespace',
    { network: 'host', sysctls: { 'net.ipv4.ip_forward': '1' } },
    'ERR_INVALID_ARGUMENT',
  ],
  ['a device that is none', { devices: ['/etc/passwd'] }, 'ERR_INVALID_ARGUMENT', 'devices[0]'],
  [
    'a device outside /dev',
    { devices: [{ source: '/dev/null', target: '/etc/x' }] },
    'ERR_INVALID_ARGUMENT',
    'devices[0]',
  ],
  [
    'a soft limit above the hard one',
    { ulimits: { nofile: { soft: 9, hard: 8 } } },
    'ERR_INVALID_ARGUMENT',
    'ulimits.nofile',
  ],
  ['an annotation of ours', { annotations: { 'dev.tscontainer.label.x': 'y' } }, 'ERR_INVALID_ARGUMENT'],
  ['a profile that is none', { seccomp: { defaultAction: 'ALLOW' } }, 'ERR_INVALID_ARGUMENT', 'seccomp.defaultAction'],
  ['a host name with a slash', { hostname: 'a/b' }, 'ERR_INVALID_ARGUMENT', 'hostname'],
  ['idle with a command', { idle: true, command: ['true'] }, 'ERR_INVALID_ARGUMENT', 'idle'],
  ['swap below memory', { memory: '1g', memorySwap: '64m' }, 'ERR_INVALID_ARGUMENT', 'memorySwap'],
  ['a missing executable', { command: ['/no/such'] }, 'ERR_START_FAILED'],
  ['a program not on the PATH', { command: ['no-such-program'] }, 'ERR_START_FAILED'],
  ['a file that is not executable', { command: ['/etc/passwd'] }, 'ERR_START_FAILED'],
  ['a directory as a program', { command: ['/usr'] }, 'ERR_START_FAILED'],
  ['an unknown user', { command: run, user: 'nosuchuser' }, 'ERR_USER_NOT_FOUND'],
  ['an unknown group', { command: run, user: '0:nosuchgroup' }, 'ERR_USER_NOT_FOUND'],
  ['a workdir that is a file', { command: run, workdir: '/etc/passwd' }, 'ERR_START_FAILED'],
  ['a platform that the image is not for', { command: run, platform: 'linux/s390x' }, 'ERR_IMAGE_PLATFORM', 'platform'],
]

test.each(cases)('%s', async (_what, options, code, option) => {
  const error = await refused(host.create({ command: run, ...(options as ContainerOptions) }))
  expect(error.code, error.message).toBe(code)
  if (option) expect(error.option).toBe(option)
  expect(error.message.length).toBeGreaterThan(10)
})

test.each([
  [['/no/such'], 'ENOENT'],
  [['/etc/passwd'], 'EACCES'],
])('a command that cannot run says why: %s is %s', async (command, errno) => {
  expect(await refused(host.create({ command }))).toMatchObject({ code: 'ERR_START_FAILED', errno })
})

test('a missing image, a malformed reference, and what is no image at all', async () => {
  const { engine } = host
  expect(await refused(Container.create('nothing-of-the-kind', { engine, pull: 'never' }))).toMatchObject({
    code: 'ERR_IMAGE_NOT_FOUND',
  })
  expect(await refused(Container.create('a//b', { engine }))).toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
  expect(await refused(Container.create(5 as never, { engine }))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  expect(await refused(Container.create(host.image, { engine: {} as never }))).toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
  })
})

test('ids and names that could be paths', async () => {
  for (const id of ['..', '../../etc', 'a/b', 'x\0y', '', 'a'.repeat(5000)]) {
    expect((await refused(Container.get(id, { engine: host.engine }))).code).toBe('ERR_INVALID_ARGUMENT')
  }
})

test('a tar that is cut short, or is none', async () => {
  const path = join(host.directory, 'broken.tar')
  await writeFile(path, Buffer.concat([Buffer.alloc(512, 1), Buffer.alloc(100)]))
  const error = await refused(Image.import(path, { engine: host.engine }))
  expect(['ERR_LAYER_INVALID', 'ERR_ARCHIVE_INVALID']).toContain(error.code)
})

test('an abort before anything is an abort', async () => {
  const signal = AbortSignal.abort(new Error('no'))
  await expect(host.create({ command: run, signal })).rejects.toThrow('no')
})
