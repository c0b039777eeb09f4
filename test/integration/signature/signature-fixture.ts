// SPDX-License-Identifier: Apache-2.0
import { sign } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { Engine, type EngineOptions, Image, type PullOptions } from '../../../src/index.js'
import type { Descriptor } from '../../../src/oci/descriptor.js'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { RegistryClient } from '../../../src/registry/registry-client.js'
import { openable } from '../../support/registry/registry-fixture.js'
import type { Keys } from '../../support/signing-keys.js'
import type { MadeLayer } from '../pull/layered-images.js'
import { empty, type PullFixture, usePullFixture } from '../pull/pull-fixture.js'

/** A payload as cosign writes it. */
export const payloadOf = (identity: string, digest: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': identity },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  )

export const signWith = ({ privateKey }: Keys, payload: Uint8Array): Buffer => sign('sha256', payload, privateKey)

/** A signature as it is stored. */
export interface StoredSignature {
  readonly payload: Buffer
  readonly signature: Buffer
}

export interface SignatureFixture extends PullFixture {
  readonly client: RegistryClient
  /** Layers of every image; the second is large enough to see whether it was asked for. */
  readonly layers: readonly MadeLayer[]
  /** Pushes an image of its own under that name; what the tag points to. */
  pushed(name: string): Promise<string>
  /** An engine with an empty store, gone after the test. */
  fresh(options?: EngineOptions): Promise<Engine>
  /** Pulls into an empty store. */
  pull(name: string, options?: PullOptions): Promise<Image>
  /** Expects the error's code, and that no layer was asked for. */
  refuses(pull: () => Promise<unknown>, error: object): Promise<void>
  /** Writes a manifest with those signatures. */
  store(repository: string, at: string, signatures: readonly StoredSignature[], extra?: object): Promise<Descriptor>
}

/** Opens a registry before the tests of a file. */
export const useSignatureFixture = (): SignatureFixture => {
  const fixture = usePullFixture()
  const engines: Engine[] = []
  const client = new RegistryClient()
  const layers: MadeLayer[] = []
  let counter = 0
  beforeAll(async () => {
    const { layout } = fixture
    layers.push(await layout.layer('base', 'rootfs'), await layout.layer('top', { bytes: 300_000 }))
  })
  afterEach(async () => {
    for (const engine of engines.splice(0)) await empty(engine)
  })
  afterAll(() => client.close())
  const fresh = async (options: EngineOptions = {}) => {
    const at = join(fixture.directory, `fresh-${counter++}`)
    const engine = await Engine.open({ root: at, runRoot: `${at}-run`, ...options })
    engines.push(engine)
    return engine
  }
  const upload = async (repository: string, bytes: Buffer, mediaType: string): Promise<Descriptor> => {
    const blob = { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
    const ref = { host: fixture.registry.host, repository }
    await client.uploadBlob(ref, blob, await openable(fixture.directory, bytes))
    return blob
  }
  return Object.assign(fixture, {
    client,
    layers,
    fresh,
    pushed: async (name: string) => {
      const { layout } = fixture
      const own = await layout.layer(`own-${counter++}`, { bytes: 1000 })
      await layout.image([...layers, own], { name })
      await layout.push(name, `docker://${fixture.ref(name)}`)
      const [repository = '', tag = ''] = name.split(':')
      const { descriptor } = await client.manifest({ host: fixture.registry.host, repository }, tag)
      return descriptor.digest
    },
    pull: async (name: string, options: PullOptions = {}) =>
      await Image.pull(fixture.ref(name), { ...options, engine: await fresh() }),
    refuses: async (pull: () => Promise<unknown>, error: object) => {
      fixture.registry.seen.length = 0
      await expect(pull()).rejects.toMatchObject(error)
      const asked = fixture.registry.seen.map(({ path }) => path)
      expect(asked.filter((path) => layers.some(({ blob }) => path.includes(blob.digest)))).toEqual([])
    },
    store: async (
      repository: string,
      at: string,
      signatures: readonly StoredSignature[],
      extra: object = {},
    ): Promise<Descriptor> => {
      const type = 'application/vnd.dev.cosign.simplesigning.v1+json'
      const config = await upload(repository, Buffer.from('{}'), mediaTypes.config)
      const signed = await Promise.all(
        signatures.map(async ({ payload, signature }) => ({
          ...(await upload(repository, payload, type)),
          annotations: { 'dev.cosignproject.cosign/signature': signature.toString('base64') },
        })),
      )
      const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: signed, ...extra }
      const bytes = Buffer.from(JSON.stringify(manifest))
      const digest = digestOf(bytes)
      const ref = { host: fixture.registry.host, repository }
      await client.putManifest(ref, at || digest, bytes, mediaTypes.manifest)
      return { mediaType: mediaTypes.manifest, digest, size: bytes.byteLength }
    },
  })
}
