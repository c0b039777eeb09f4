// SPDX-License-Identifier: Apache-2.0
import { createReadStream, createWriteStream } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { Engine, Image, type SaveFormat } from '../../../src/index.js'
import { writeLayout } from '../../support/layered-layout.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from './rootfs.js'

const host = useTestEngine()
let plain: Image
let zipped: Image
const at = (...names: readonly string[]) => join(host.directory, ...names)
const skopeo = async (source: string) => JSON.parse(await run('skopeo', 'inspect', source))

beforeAll(async () => {
  const tar = await makeTar(await makeRootfs(at('rootfs')), at('rootfs.tar'))
  plain = await Image.import(tar, {
    engine: host.engine,
    tag: 'example.com/plain:1',
    config: { cmd: ['/bin/sh'], env: ['A=b'] },
  })
  await plain.tag('plain:2')
  await writeFile(at('rootfs/etc/more'), 'more')
  await run('gzip', '-k', await makeTar(at('rootfs'), at('more.tar')))
  zipped = await Image.import(at('more.tar.gz'), { engine: host.engine, tag: 'zipped' })
})

/** Does it in an engine of its own. */
async function elsewhere<T>(name: string, work: (engine: Engine) => Promise<T>): Promise<T> {
  await mkdir(at(name, 'run'), { recursive: true, mode: 0o700 })
  const engine = await Engine.open({ root: at(name, 'root'), runRoot: at(name, 'run') })
  try {
    return await work(engine)
  } finally {
    for (const image of await Image.list({ engine })) await image.remove()
    await engine.close()
    await supervisorGone(at(name, 'run'))
  }
}

describe('an image saved', () => {
  const forms = [
    ['as an OCI layout', 'oci', 'layout'],
    ['as a tar of one', 'oci', 'layout.tar'],
    ['for docker', 'docker', 'docker.tar'],
  ] as const
  for (const [what, format, name] of forms) {
    test(`${what} comes back with its digests and names, and skopeo reads it`, async () => {
      await Image.save([plain, zipped], at(name), { engine: host.engine, format })
      const back = await elsewhere(`from-${name}`, async (engine) => {
        const images = await Image.loadAll(at(name), { engine })
        return images.map(({ id, digest, tags, config, layers }) => ({
          id,
          digest,
          tags: [...tags].sort(),
          config,
          layers,
        }))
      })
      expect(back).toEqual(
        [plain, zipped].map(({ id, digest, config, layers }, n) => ({
          id,
          digest,
          tags: n === 0 ? ['example.com/plain:1', 'plain:2'] : ['zipped:latest'],
          config,
          layers,
        })),
      )
      const transport = { layout: 'oci', 'layout.tar': 'oci-archive', 'docker.tar': 'docker-archive' }[name]
      const reference = name === 'docker.tar' ? 'plain:2' : 'docker.io/library/plain:2'
      const seen = await skopeo(`${transport}:${at(name)}:${reference}`)
      expect(seen.Env).toEqual(['A=b'])
      if (format === 'oci') expect(seen.Digest).toBe(plain.digest)
      expect((await readdir(host.directory)).filter((file) => file.includes('.tmp'))).toEqual([])
    })
  }

  test('is the same bytes each time, to a path and to streams', async () => {
    const bytes = async (format: SaveFormat) => {
      await plain.save(at('once.tar'), { format })
      await plain.save(createWriteStream(at('twice.tar')), { format })
      const chunks: Uint8Array[] = []
      await plain.save(new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) }), {
        format,
      })
      const [once, twice] = [await readFile(at('once.tar')), await readFile(at('twice.tar'))]
      expect(once.equals(twice)).toBe(true)
      expect(once.equals(Buffer.concat(chunks))).toBe(true)
    }
    await bytes('oci')
    await bytes('docker')
  })

  test('for docker is one image with two names, from a stream and compressed', async () => {
    await plain.save(at('one.tar'), { format: 'docker' })
    await run('gzip', '-k', at('one.tar'))
    await run('zstd', '-q', '-k', at('one.tar'))
    await elsewhere('from-stream', async (engine) => {
      for (const name of ['one.tar', 'one.tar.gz', 'one.tar.zst'])
        expect((await Image.load(createReadStream(at(name)), { engine })).digest).toBe(plain.digest)
    })
  })

  test('joins the layout that is there, and takes its name from what had it', async () => {
    await writeLayout(at('joined'), [[{ path: 'f', data: 'f' }]], { name: 'docker.io/library/zipped:latest' })
    await cp(at('joined'), at('before'), { recursive: true })
    await zipped.save(at('joined'))
    await plain.save(at('joined'))
    const { manifests } = JSON.parse(await readFile(at('joined/index.json'), 'utf8'))
    expect(manifests.length).toBe(3)
    expect((await skopeo(`oci:${at('joined')}:docker.io/library/zipped:latest`)).Digest).toBe(zipped.digest)
    expect((await skopeo(`oci:${at('joined')}:example.com/plain:1`)).Digest).toBe(plain.digest)
    const listed = await run('umoci', 'list', '--layout', at('joined'))
    expect(listed).toContain('zipped')
  })

  test('leaves nothing of a failure', async () => {
    const before = await readdir(host.directory)
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) })
    await expect(plain.save(full)).rejects.toThrow('full')
    const aborted = AbortSignal.abort(new Error('never mind'))
    await expect(plain.save(at('aborted.tar'), { signal: aborted })).rejects.toThrow('never mind')
    const abort = new AbortController()
    const slow = new Writable({ highWaterMark: 1, write: () => abort.abort(new Error('stop')) })
    await expect(plain.save(slow, { signal: abort.signal })).rejects.toThrow('stop')
    await expect(plain.save(at('no/such/place.tar'))).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'target',
    })
    await expect(plain.save(at('rootfs'))).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'target' })
    await expect(plain.save(at('x'), { format: 'docker', archive: false })).rejects.toMatchObject({ option: 'archive' })
    await expect(plain.save(at('x'), { format: 'zip' } as never)).rejects.toMatchObject({ option: 'format' })
    await expect(plain.save(7 as never)).rejects.toMatchObject({ option: 'target' })
    await expect(Image.save([], at('x'), { engine: host.engine })).rejects.toMatchObject({ option: 'images' })
    await expect(host.image.save(at('host.tar'))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    expect(await readdir(host.directory)).toEqual(before)
  })
})
