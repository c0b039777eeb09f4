// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { makeKeys } from '../../support/signing-keys.js'
import { useSignatureFixture } from './signature-fixture.js'

const fixture = useSignatureFixture()
const ours = makeKeys()
const theirs = makeKeys()
const rejected = { code: 'ERR_IMAGE_REJECTED' }
const unsigned = { code: 'ERR_SIGNATURE_INVALID' }

beforeAll(async () => {
  for (const name of ['team/signed:1', 'team/plain:1', 'else/plain:1']) await fixture.pushed(name)
  const image = await fixture.pull('team/signed:1')
  await image.push(undefined, { sign: { key: ours.privateKey } })
})

test('the entry that says most of a name counts', async () => {
  const { ref, registry } = fixture
  const keyFile = join(fixture.directory, 'ours.pub')
  await writeFile(keyFile, ours.publicKey)
  const engine = await fixture.fresh({
    signatures: [
      { match: '*', reject: true },
      { match: `${registry.host}/team/*`, keys: [keyFile] },
      { match: ref('else/plain'), accept: true },
    ],
  })
  await Image.pull(ref('else/plain:1'), { engine })
  await Image.pull(ref('team/signed:1'), { engine })
  await fixture.refuses(() => Image.pull(ref('team/plain:1'), { engine }), {
    ...unsigned,
    option: `signatures['${registry.host}/team/*']`,
  })
  for (const name of ['else/plain2:1', 'plain:1']) {
    await fixture.refuses(() => Image.pull(ref(name), { engine }), rejected)
    // Nobody was asked.
    expect(registry.seen).toEqual([])
  }
})

test('a repository that is refused', async () => {
  const { ref } = fixture
  const engine = await fixture.fresh({ signatures: [{ match: ref('team/signed'), reject: true }] })
  await fixture.refuses(() => Image.pull(ref('team/signed:1'), { engine }), rejected)
  const verify = { keys: [ours.publicKey] }
  await fixture.refuses(() => Image.pull(ref('team/signed:1'), { engine, verify }), rejected)
  await Image.pull(ref('team/plain:1'), { engine })
})

test('a call asks for more, never for less', async () => {
  const { ref, registry } = fixture
  const engine = await fixture.fresh({ signatures: [{ match: `${registry.host}/*`, keys: [theirs.publicKey] }] })
  const verify = { keys: [ours.publicKey] }
  await fixture.refuses(() => Image.pull(ref('team/signed:1'), { engine, verify }), unsigned)
  const other = await fixture.fresh({ signatures: [{ match: `${registry.host}/*`, accept: true }] })
  await fixture.refuses(() => Image.pull(ref('team/plain:1'), { engine: other, verify }), unsigned)
})

test('containers pull by the same policy', async () => {
  const { ref, registry } = fixture
  const engine = await fixture.fresh({ signatures: [{ match: `${registry.host}/team/*`, keys: [ours.publicKey] }] })
  await fixture.refuses(() => Container.create(ref('team/plain:1'), { engine }), unsigned)
  expect(await Container.list({ engine, all: true })).toEqual([])
  const container = await Container.create(ref('team/signed:1'), { engine })
  await container.remove()
})

test('asked again, an image that is in the store has to fit the policy', async () => {
  const { ref, registry } = fixture
  const engine = await fixture.fresh()
  await Image.pull(ref('team/plain:1'), { engine })
  const { root, runRoot } = await engine.info()
  const strict = await Engine.open({ root, runRoot, signatures: [{ match: `${registry.host}/*`, reject: true }] })
  await Image.pull(ref('team/plain:1'), { engine: strict })
  await expect(Image.pull(ref('team/plain:1'), { engine: strict, policy: 'always' })).rejects.toMatchObject(rejected)
  await strict.close()
})
