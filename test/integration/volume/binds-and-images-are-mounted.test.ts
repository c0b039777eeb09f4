// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine, EngineError, Image, type Mount } from '../../../src/index.js'
import { writeLayout } from '../../support/layered-layout.js'
import { has, testNeeding } from '../../support/needs.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (EngineError.is(error) ? error.code : String(error)),
  )
const sh = async (script: string, mounts: readonly Mount[], options: ContainerOptions = {}): Promise<string> => {
  const box = await host.idle({ mounts, ...options })
  try {
    return (await box.sh(script, { check: false })).stdout
  } finally {
    await box.remove({ force: true, volumes: true })
  }
}

describe('a bind', () => {
  test('without a source is refused, and makes it where it was asked to', async () => {
    const source = join(host.directory, 'made/by/the/mount')
    const bind = { type: 'bind', source, target: '/made' } as const
    expect(await codeOf(host.create({ mounts: [bind] }))).toBe('ERR_INVALID_ARGUMENT')
    expect(existsSync(source)).toBe(false)
    const making = { ...bind, createSource: true }
    expect(await codeOf(host.create({ mounts: [making], command: ['/no/such/program'] }))).toBe('ERR_START_FAILED')
    expect(existsSync(join(host.directory, 'made'))).toBe(false)
    await sh('echo x >/made/file', [making])
    expect(await readFile(join(source, 'file'), 'utf8')).toBe('x\n')
  })

  test('gives the caller what the root of the container makes, and shows what the caller has as root’s', async () => {
    const source = join(host.directory, 'owned')
    await mkdir(source)
    await writeFile(join(source, 'mine'), 'mine')
    const seen = await sh('echo x >/owned/made; stat -c %u:%g /owned/mine', [
      { type: 'bind', source, target: '/owned' },
    ])
    expect(seen).toBe('0:0\n')
    const { uid, gid } = await stat(join(source, 'made'))
    expect([uid, gid]).toEqual([process.getuid?.(), process.getgid?.()])
  })

  testNeeding('root')('shows others’ files as theirs', async () => {
    const source = join(host.directory, 'others')
    await mkdir(source)
    await chown(source, 1234, 1235)
    const script = 'stat -c %u:%g /others; mkdir /others/x; chown 7:8 /others/x'
    expect(await sh(script, [{ type: 'bind', source, target: '/others' }])).toBe('1234:1235\n')
    const { uid, gid } = await stat(join(source, 'x'))
    expect([uid, gid]).toEqual([7, 8])
  })

  test('is mounted in part, and links in it lead nowhere outside', async () => {
    const source = join(host.directory, 'tree')
    await mkdir(join(source, 'a/b'), { recursive: true })
    await writeFile(join(source, 'a/b/file'), 'in b')
    await symlink('/a/b', join(source, 'inside'))
    await symlink('/etc', join(source, 'outside'))
    const part = (subpath: string): Mount => ({ type: 'bind', source, target: '/part', subpath })
    expect(await sh('cat /part/file', [part('a/b')])).toBe('in b')
    expect(await sh('cat /part', [part('a/b/file')])).toBe('in b')
    expect(await sh('cat /part/file', [part('inside')])).toBe('in b')
    expect(await codeOf(host.create({ mounts: [part('outside')] }))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(host.create({ mounts: [part('a/c')] }))).toBe('ERR_INVALID_ARGUMENT')
  })

  testNeeding('root')(
    'is read-only with what is mounted below, comes without it, and shows later mounts as asked',
    async () => {
      const source = join(host.directory, 'mounted')
      await mkdir(join(source, 'below'), { recursive: true })
      await mkdir(join(source, 'later'))
      execFileSync('mount', ['--bind', source, source])
      execFileSync('mount', ['--make-shared', source])
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(source, 'below')])
      // Where the host's root is private, a supervisor sees what was mounted before it began.
      const directory = join(host.directory, 'own')
      const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
      const own = await Image.host({ engine })
      const idle = (mount: Mount) => Container.run(own, { engine, idle: true, mounts: [mount] })
      const seen = async (script: string, mount: Mount) =>
        (await (await idle(mount)).sh(script, { check: false })).stdout
      try {
        await writeFile(join(source, 'below/file'), 'below')
        const bind = { type: 'bind', source, target: '/m' } as const
        const write = '(echo x >/m/below/x) 2>&1 | grep -o "Read-only file system"'
        expect(await seen(write, { ...bind, readonly: true })).toBe('Read-only file system\n')
        expect(await seen('ls /m/below', bind)).toBe('file\n')
        expect(await seen('ls /m/below', { ...bind, recursive: false })).toBe('')
        const slave = await idle({ ...bind, propagation: 'slave' })
        const apart = await idle(bind)
        execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(source, 'later')])
        await writeFile(join(source, 'later/file'), 'later')
        expect((await slave.sh('cat /m/below/file /m/later/file')).stdout).toBe('belowlater')
        expect((await apart.sh('ls /m/later')).stdout).toBe('')
      } finally {
        await engine.close()
        await supervisorGone(join(directory, 'run'))
        execFileSync('umount', ['-R', source])
      }
    },
  )
})

describe('an image', () => {
  let image: Image
  beforeAll(async () => {
    const layers = [
      [
        { path: 'tool/', type: 'directory', mode: 0o755 },
        { path: 'tool/version', data: '1', mode: 0o640, uid: has('single id') ? 0 : 7 },
        { path: 'tool/gone', data: 'gone' },
      ],
      [
        { path: 'tool/.wh.gone' },
        { path: 'tool/version', data: '2', mode: 0o640, uid: has('single id') ? 0 : 7 },
        { path: 'to', type: 'symlink', target: '/tool' },
      ],
    ] as const
    image = await Image.load(await writeLayout(join(host.directory, 'layout'), layers), { engine: host.engine })
  })
  const mount = (more: object = {}): Mount => ({
    type: 'image',
    source: 'example.com/layered:1',
    target: '/img',
    ...more,
  })

  test('is mounted read-only, whole and in part, and is kept as long as the container is there', async () => {
    const owner = has('single id') ? 0 : 7
    const script =
      'find /img | sort; stat -c %u /img/tool/version; (echo x >/img/x) 2>&1 | grep -o "Read-only file system"'
    expect(await sh(script, [mount()])).toBe(
      `/img\n/img/to\n/img/tool\n/img/tool/version\n${owner}\nRead-only file system\n`,
    )
    for (const subpath of ['tool', 'to']) expect(await sh('cat /img/version', [mount({ subpath })])).toBe('2')
    expect(await sh('cat /img', [mount({ subpath: 'tool/version' })])).toBe('2')
    expect(await codeOf(host.create({ mounts: [mount({ subpath: 'tool/gone' })] }))).toBe('ERR_INVALID_ARGUMENT')
    const box = await host.create({ mounts: [mount()] })
    expect(await codeOf(image.remove())).toBe('ERR_IMAGE_IN_USE')
    await Image.prune({ engine: host.engine, all: true })
    await box.start()
    expect(await codeOf(Image.get('example.com/layered:1', { engine: host.engine }))).toBe('none')
    await box.remove({ force: true })
  })

  test('that is not there, or is the host’s, is refused', async () => {
    const missing = mount({ source: 'sha256:'.concat('0'.repeat(64)) })
    expect(await codeOf(host.create({ mounts: [missing] }))).toBe('ERR_IMAGE_NOT_FOUND')
    expect(await codeOf(host.create({ mounts: [mount({ source: host.image.id })] }))).toBe('ERR_UNSUPPORTED')
  })
})
