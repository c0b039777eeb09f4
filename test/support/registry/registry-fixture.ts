// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Descriptor } from '../../../src/oci/descriptor.js'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import type { CredentialDriver } from '../../../src/registry/credential-driver.js'
import { RegistryClient, type RegistryOptions, type RepositoryRef } from '../../../src/registry/registry-client.js'
import { slow } from '../slow.js'
import { type FakeHandler, type FakeRegistry, startFakeRegistry } from './fake-registry.js'

/** A scratch directory for the tests of a file, and an environment without the credentials of whoever runs them. */
export interface RegistryFixture {
  readonly directory: string
  /** A client that is closed after the test. */
  client(hosts?: RegistryOptions, credentials?: CredentialDriver): RegistryClient
  /** Whatever has a `stop` is stopped after the test. */
  keep<T extends { stop(): Promise<void> }>(made: Promise<T>): Promise<T>
  /** A registry of the test's own making, with a client that waits for no more than two seconds. */
  startFake(
    handler: FakeHandler,
  ): Promise<{ readonly client: RegistryClient; readonly registry: FakeRegistry; readonly ref: RepositoryRef }>
}

const names = ['HOME', 'DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'PATH'] as const

/** Makes one for the tests of a file. */
export const useRegistryFixture = (): RegistryFixture => {
  let directory = ''
  const before = new Map<string, string | undefined>()
  const undo: (() => Promise<void>)[] = []
  beforeAll(async () => {
    directory = await mkdtemp(join(process.env.TSC_TEST_ROOT ?? tmpdir(), 'tsc-registry-'))
    for (const name of names) before.set(name, process.env[name])
    process.env.HOME = directory
    process.env.XDG_RUNTIME_DIR = join(directory, 'runtime')
    for (const name of ['DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_CONFIG_HOME']) delete process.env[name]
  })
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })
  afterAll(async () => {
    for (const step of undo.splice(0).reverse()) await step()
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await rm(directory, { recursive: true, force: true })
  })
  const client = (hosts: RegistryOptions = {}, credentials?: CredentialDriver): RegistryClient => {
    const made = new RegistryClient({ hosts, credentials })
    undo.push(() => made.close())
    return made
  }
  const keep = async <T extends { stop(): Promise<void> }>(made: Promise<T>): Promise<T> => {
    const it = await made
    undo.push(() => it.stop())
    return it
  }
  return {
    get directory() {
      return directory
    },
    client,
    keep,
    startFake: async (handler) => {
      const registry = await keep(startFakeRegistry(handler))
      const { host } = registry
      return { client: client({ [host]: { timeoutMs: 2000 * slow } }), registry, ref: { host, repository: 'a/b' } }
    },
  }
}

/** Bytes that nobody has guessed, and what a manifest says of them. */
export const makeBlob = (size: number): { readonly bytes: Buffer; readonly descriptor: Descriptor } => {
  const bytes = randomBytes(size)
  return { bytes, descriptor: { mediaType: 'application/octet-stream', digest: digestOf(bytes), size } }
}

/** Writes the bytes to a file; what opens it. */
export const openable = async (directory: string, bytes: Uint8Array): Promise<() => Promise<FileHandle>> => {
  const path = join(directory, `blob-${randomBytes(6).toString('hex')}`)
  await writeFile(path, bytes)
  return () => open(path, 'r')
}

/** Downloads into a file that begins with `prefix`; what is in it afterwards, and what was told of it. */
export const download = async (
  client: RegistryClient,
  ref: RepositoryRef,
  options: {
    readonly blob: Descriptor
    readonly directory: string
    readonly prefix?: Uint8Array
    readonly signal?: AbortSignal
  },
): Promise<{ readonly bytes: Buffer; readonly told: number; readonly restarts: number; readonly error: unknown }> => {
  const path = join(options.directory, `download-${randomBytes(6).toString('hex')}`)
  await writeFile(path, options.prefix ?? '')
  const file = await open(path, 'r+')
  let told = 0
  let restarts = 0
  let error: unknown
  try {
    await client.downloadBlob(ref, options.blob, {
      file,
      offset: options.prefix?.byteLength ?? 0,
      signal: options.signal,
      onBytes: (count) => {
        told += count
      },
      onRestart: () => restarts++,
    })
  } catch (failure) {
    error = failure
  }
  const { size } = await file.stat()
  const bytes = Buffer.alloc(size)
  await file.read(bytes, 0, size, 0)
  await file.close()
  return { bytes, told, restarts, error }
}

/** Pushes a small image of one layer; its manifest. */
export const pushImage = async (
  client: RegistryClient,
  ref: RepositoryRef,
  options: { readonly directory: string; readonly tags: readonly string[]; readonly layerBytes?: number },
): Promise<{ readonly digest: string; readonly layer: Descriptor; readonly bytes: Buffer }> => {
  const layer = makeBlob(options.layerBytes ?? 1000)
  const diffIds = [digestOf('nothing of importance')]
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
  )
  const configDescriptor = { mediaType: mediaTypes.config, digest: digestOf(config), size: config.byteLength }
  await client.uploadBlob(ref, layer.descriptor, await openable(options.directory, layer.bytes))
  await client.uploadBlob(ref, configDescriptor, await openable(options.directory, config))
  const layers = [{ ...layer.descriptor, mediaType: mediaTypes.layer }]
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config: configDescriptor, layers }),
  )
  for (const tag of options.tags) await client.putManifest(ref, tag, bytes, mediaTypes.manifest)
  return { digest: digestOf(bytes), layer: layer.descriptor, bytes }
}
