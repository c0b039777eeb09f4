// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestOf, parseDigest } from '../../../src/oci/digest.js'
import { randomId } from '../../../src/util/random-id.js'
import { testNeeding } from '../../support/needs.js'
import { openStore, putImage, scratchDirectory } from './scratch-store.js'

describe('opening a store', () => {
  it('makes it private, again and again, and marks it as an OCI layout', async () => {
    const parent = await scratchDirectory()
    const root = join(parent, 'deep', 'root')
    const [store] = await Promise.all([openStore(root), openStore(root), openStore(root)])
    expect((await stat(root)).mode & 0o777).toBe(0o700)
    expect(JSON.parse(await readFile(join(root, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' })
    expect(await readFile(store.paths.version, 'utf8')).toBe('1\n')
    await chmod(root, 0o755)
    await openStore(root)
    expect((await stat(root)).mode & 0o777).toBe(0o700)
  })

  it('removes what somebody left who was killed while replacing a file, and nothing else', async () => {
    const { paths } = await openStore()
    await writeFile(join(paths.root, 'index.json.0123456789abcdef.tmp'), '{')
    await writeFile(join(paths.root, 'index.json.damaged-2026-01-01'), '{')
    await openStore(paths.root)
    const files = (await readdir(paths.root)).filter((name) => name.startsWith('index.json'))
    expect(files).toEqual(['index.json.damaged-2026-01-01'])
  })

  it('follows a symlinked root once', async () => {
    const parent = await scratchDirectory()
    await mkdir(join(parent, 'data'))
    await symlink('data', join(parent, 'link'))
    expect((await openStore(join(parent, 'link'))).paths.root).toBe(join(parent, 'data'))
  })

  it('refuses another version, mends damaged marks', async () => {
    const store = await openStore()
    await writeFile(store.paths.layout, '\0\0\0')
    await writeFile(store.paths.version, '')
    await openStore(store.paths.root)
    expect(await readFile(store.paths.version, 'utf8')).toBe('1\n')
    expect(await readFile(store.paths.layout, 'utf8')).toContain('1.0.0')
    await writeFile(store.paths.version, '2\n')
    await expect(openStore(store.paths.root)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })

  testNeeding('root')('refuses a directory of another user', async () => {
    const root = join(await scratchDirectory(), 'root')
    await mkdir(root)
    await chown(root, 12345, 12345)
    await expect(openStore(root)).rejects.toMatchObject({ code: 'ERR_PERMISSION' })
  })

  it('says what is wrong when it cannot be made', async () => {
    const file = join(await scratchDirectory(), 'file')
    await writeFile(file, '')
    await expect(openStore(join(file, 'root'))).rejects.toMatchObject({ code: 'ERR_NATIVE', errno: 'ENOTDIR' })
  })
})

describe('paths', () => {
  it.each(['', '.', '..', '../x', 'a/b', 'a\0', 'ABC', 'a'.repeat(63), `${'a'.repeat(64)}\n`, `../${'a'.repeat(61)}`])(
    '%j is no container',
    async (id) => {
      const { paths } = await openStore()
      expect(() => paths.container(id)).toThrow(expect.objectContaining({ code: 'ERR_CONTAINER_NOT_FOUND' }))
    },
  )

  it('stay below the root', async () => {
    const { paths } = await openStore()
    expect(() => paths.name('../x')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(() => paths.blob(parseDigest('md5:abc'))).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
    expect(() => paths.layer(digestOf('x', 'sha512'))).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
    expect(paths.layer(digestOf('x'))).toBe(join(paths.root, 'layers', digestOf('x').slice(7)))
  })
})

it('names of containers are resolved, forged ones are not', async () => {
  const store = await openStore()
  const id = randomId()
  await symlink(id, store.paths.name('web'))
  await symlink('../../etc/passwd', store.paths.name('evil'))
  await writeFile(store.paths.name('file'), id)
  await mkdir(store.paths.container(id))
  await mkdir(join(store.paths.containers, 'nonsense'))
  expect(await Promise.all(['web', 'evil', 'file', 'none'].map((name) => store.containers.resolve(name)))).toEqual([
    id,
    undefined,
    undefined,
    undefined,
  ])
  expect(await store.containers.ids()).toEqual([id])
})

it('skopeo reads an image of the store by its full name', async () => {
  const store = await openStore()
  const { descriptor } = await putImage(store, 'one')
  await store.images.set('docker.io/library/debian:bookworm', descriptor)
  const raw = execFileSync('skopeo', ['inspect', '--raw', `oci:${store.paths.root}:docker.io/library/debian:bookworm`])
  expect(digestOf(raw)).toBe(descriptor.digest)
})
