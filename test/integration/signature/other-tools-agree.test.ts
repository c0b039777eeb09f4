// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeKeys } from '../../support/signing-keys.js'
import { run } from '../image/rootfs.js'
import { payloadOf, useSignatureFixture } from './signature-fixture.js'

const fixture = useSignatureFixture()
const ours = makeKeys()
const theirs = makeKeys()
const at = (file: string) => join(fixture.directory, file)

// Debian's skopeo carries signatures from place to place, but neither makes nor checks them.
test('skopeo takes our signatures along with the image', async () => {
  const { ref } = fixture
  await mkdir(at('registries.d'))
  await writeFile(at('registries.d/all.yaml'), 'default-docker:\n  use-sigstore-attachments: true\n')
  const copy = async () =>
    await run(
      ...(['skopeo', '--insecure-policy', '--registries.d', at('registries.d'), 'copy', '-q'] as const),
      ...(['--src-tls-verify=false', '--dest-tls-verify=false'] as const),
      ...([`docker://${ref('app:1')}`, `docker://${ref('copy:2')}`] as const),
    )
  const digest = await fixture.pushed('app:1')
  const image = await fixture.pull('app:1')
  const verify = { keys: [ours.publicKey], identity: ref('app') }
  await copy()
  await fixture.refuses(() => fixture.pull('copy:2', { verify }), { code: 'ERR_SIGNATURE_INVALID' })
  for (const keys of [theirs, ours]) await image.push(undefined, { sign: { key: keys.privateKey } })
  await copy()
  expect((await fixture.pull('copy:2', { verify })).digest).toBe(digest)
})

test('openssl takes what we have signed', async () => {
  const digest = await fixture.pushed('ours:1')
  await (await fixture.pull('ours:1')).push(undefined, {
    sign: { key: ours.privateKey, annotations: { commit: 'abc' } },
  })
  const from = `http://${fixture.registry.host}/v2/ours`
  const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' }
  const manifest = await fetch(`${from}/manifests/${digest.replace(':', '-')}.sig`, { headers: accept })
  const { layers } = (await manifest.json()) as { layers: { digest: string; annotations: Record<string, string> }[] }
  const [layer] = layers
  const payload = await (await fetch(`${from}/blobs/${layer!.digest}`)).text()
  // As cosign writes it (cosign, "specs/SIGNATURE_SPEC.md").
  expect(JSON.parse(payload)).toEqual({
    critical: {
      identity: { 'docker-reference': fixture.ref('ours') },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: { commit: 'abc' },
  })
  await writeFile(at('payload'), payload)
  await writeFile(at('ours.pub'), ours.publicKey)
  await writeFile(at('signature'), Buffer.from(layer!.annotations['dev.cosignproject.cosign/signature']!, 'base64'))
  const args = ['dgst', '-sha256', '-verify', at('ours.pub'), '-signature', at('signature'), at('payload')]
  expect(await run('openssl', ...args)).toContain('Verified OK')
})

test.each([
  ['ECDSA on P-256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ECDSA on P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
] as const)('we take what openssl has signed: %s', async (name, kind) => {
  const repository = `openssl-${name.toLowerCase().replaceAll(/\W+/g, '-')}`
  const digest = await fixture.pushed(`${repository}:1`)
  const [key, publicKey, payload, signature] = ['.key', '.pub', '.json', '.sig'].map((end) => at(`${repository}${end}`))
  await run('openssl', 'genpkey', ...kind, '-out', key!)
  await run('openssl', 'pkey', '-in', key!, '-pubout', '-out', publicKey!)
  await writeFile(payload!, payloadOf(fixture.ref(repository), digest))
  await run('openssl', 'dgst', '-sha256', '-sign', key!, '-out', signature!, payload!)
  const stored = { payload: await readFile(payload!), signature: await readFile(signature!) }
  await fixture.store(repository, `${digest.replace(':', '-')}.sig`, [stored])
  expect((await fixture.pull(`${repository}:1`, { verify: { keys: [publicKey!] } })).digest).toBe(digest)
  await fixture.refuses(() => fixture.pull(`${repository}:1`, { verify: { keys: [ours.publicKey] } }), {
    code: 'ERR_SIGNATURE_INVALID',
  })
})
