// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestOf, parseDigest } from '../../../src/oci/digest.js'
import type { Store } from '../../../src/store/store.js'
import { openStore } from './scratch-store.js'

const hello = digestOf('hello')
const chunks = (...texts: string[]) => texts.map((text) => Buffer.from(text))

async function expectNothing(store: Store): Promise<void> {
  expect(await readdir(join(store.paths.blobs, 'sha256'))).toEqual([])
  expect(await readdir(store.paths.tmp)).toEqual([])
}

describe('ingest', () => {
  it('takes a stream and shows it by its digest', async () => {
    const store = await openStore()
    const progress: number[] = []
    const onProgress = (bytes: number) => progress.push(bytes)
    expect(await store.blobs.ingest(chunks('hel', '', 'lo'), { digest: hello, size: 5, onProgress })).toEqual({
      digest: hello,
      size: 5,
    })
    expect(await readFile(store.blobs.path(hello), 'utf8')).toBe('hello')
    expect(progress).toEqual([3, 3, 5])
    expect(await store.blobs.size(hello)).toBe(5)
    expect(await readdir(store.paths.tmp)).toEqual([])
    expect(await store.blobs.verify(hello)).toBe(true)
  })

  it.each([
    ['another digest', { digest: digestOf('other') }],
    ['fewer bytes than announced', { digest: hello, size: 6 }],
    ['more bytes than announced', { digest: hello, size: 4 }],
    ['more bytes than allowed', { maxBytes: 4 }],
  ])('shows nothing that has %s', async (_, options) => {
    const store = await openStore()
    await expect(store.blobs.ingest(chunks('hel', 'lo'), options)).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    })
    await expectNothing(store)
  })

  it('stops reading when more comes than was announced', async () => {
    const store = await openStore()
    let taken = 0
    async function* endless() {
      for (;;) {
        taken++
        yield Buffer.alloc(1024)
      }
    }
    await expect(store.blobs.ingest(endless(), { size: 10_000 })).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
    expect(taken).toBe(10)
    await expectNothing(store)
  })

  it('shows nothing of a stream that breaks or is aborted', async () => {
    const store = await openStore()
    const controller = new AbortController()
    async function* broken() {
      yield Buffer.from('hel')
      throw new Error('connection lost')
    }
    async function* slow() {
      yield Buffer.from('hel')
      controller.abort(new Error('enough'))
      yield Buffer.from('lo')
    }
    await expect(store.blobs.ingest(broken())).rejects.toThrow('connection lost')
    await expect(store.blobs.ingest(slow(), { signal: controller.signal })).rejects.toThrow('enough')
    await expectNothing(store)
  })

  it('takes one content from many at once', async () => {
    const store = await openStore()
    await Promise.all(Array.from({ length: 20 }, () => store.blobs.ingest(chunks('hello'))))
    expect(await readdir(join(store.paths.blobs, 'sha256'))).toEqual([hello.slice(7)])
    expect(await readdir(store.paths.tmp)).toEqual([])
  })

  it('keeps sha512 apart and knows no other algorithm', async () => {
    const store = await openStore()
    const long = digestOf('hello', 'sha512')
    await store.blobs.ingest(chunks('hello'), { digest: long })
    expect(await store.blobs.size(long)).toBe(5)
    expect(await store.blobs.size(hello)).toBeUndefined()
    await expect(
      store.blobs.ingest(chunks('x'), { digest: parseDigest('md5:0cc175b9c0f1b6a831c399e269772661') }),
    ).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('put', () => {
  it('writes nothing where the bytes are there, and what is damaged anew', async () => {
    const store = await openStore()
    const { digest } = await store.blobs.put('small')
    const inode = async () => (await stat(store.blobs.path(digest))).ino
    const before = await inode()
    expect(await store.blobs.put('small')).toEqual({ digest, size: 5 })
    expect(await inode()).toBe(before)
    await writeFile(store.blobs.path(digest), 'smell')
    await store.blobs.put('small')
    expect(await readFile(store.blobs.path(digest), 'utf8')).toBe('small')
  })
})

describe('adopt', () => {
  it('takes over a finished file, or removes it when it is wrong', async () => {
    const store = await openStore()
    const file = join(store.paths.tmp, 'work')
    await writeFile(file, 'hello')
    await store.blobs.adopt(file, { digest: hello, size: 5 })
    expect(await store.blobs.size(hello)).toBe(5)
    await writeFile(file, 'jello')
    await expect(store.blobs.adopt(file, { digest: digestOf('x'), size: 5 })).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    })
    expect(await readdir(store.paths.tmp)).toEqual([])
  })

  it('does not follow a symlink', async () => {
    const store = await openStore()
    const secret = join(store.paths.root, 'secret')
    await writeFile(secret, 'hello')
    await symlink(secret, join(store.paths.tmp, 'link'))
    await expect(store.blobs.adopt(join(store.paths.tmp, 'link'), { digest: hello, size: 5 })).rejects.toThrow()
    expect(await store.blobs.size(hello)).toBeUndefined()
    expect(await readFile(secret, 'utf8')).toBe('hello')
  })
})

describe('read', () => {
  it('checks the digest again, removes what is damaged, and says so', async () => {
    const store = await openStore()
    await store.blobs.put('hello')
    expect(Buffer.from((await store.blobs.read(hello)) ?? []).toString()).toBe('hello')
    await writeFile(store.blobs.path(hello), 'jello')
    expect(await store.blobs.verify(hello)).toBe(false)
    await expect(store.blobs.read(hello)).rejects.toMatchObject({
      code: 'ERR_STORE_CORRUPT',
      object: store.blobs.path(hello),
    })
    expect(await store.blobs.read(hello)).toBeNull()
  })

  it('refuses what is too large or no file', async () => {
    const store = await openStore()
    await store.blobs.put('hello')
    await expect(store.blobs.read(hello, 4)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
    const directory = digestOf('directory')
    await mkdir(store.blobs.path(directory))
    await expect(store.blobs.read(directory)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
  })

  it('opens for reading, claims, removes', async () => {
    const store = await openStore()
    await store.blobs.put('hello')
    const file = await store.blobs.open(hello)
    expect(await file?.readFile('utf8')).toBe('hello')
    await file?.close()
    const before = (await stat(store.blobs.path(hello))).mtimeMs
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await store.blobs.claim(hello)).toBe(5)
    expect((await stat(store.blobs.path(hello))).mtimeMs).toBeGreaterThan(before)
    expect(await store.blobs.remove(hello)).toBe(true)
    expect([await store.blobs.remove(hello), await store.blobs.claim(hello), await store.blobs.open(hello)]).toEqual([
      false,
      undefined,
      null,
    ])
  })
})
