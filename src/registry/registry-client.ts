// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import type { Descriptor } from '../oci/descriptor.js'
import { parseByteSize } from '../util/byte-size.js'
import { checkDigest, hasBlob, mountBlob } from './blob-queries.js'
import { askCredentialDriver, type CredentialDriver } from './credential-driver.js'
import { eraseCredentials, storeCredentials } from './credential-store.js'
import { downloadBlob } from './download-blob.js'
import { PartBudget } from './download-parts.js'
import { listReferrers } from './list-referrers.js'
import { listTags } from './list-tags.js'
import { deleteManifest, type FetchedManifest, fetchManifest, putManifest, resolveTag } from './manifests.js'
import { ping } from './ping.js'
import { Registries } from './registries.js'
import { canonicalHost, checkRepository, type RepositoryRef } from './registry-host.js'
import type { IdentityTokenAuth, PasswordAuth, RegistryAuth, RegistryOptions } from './registry-options.js'
import { uploadBlob } from './upload-blob.js'

/** What a client is made of. */
export interface RegistryClientOptions {
  /** How hosts are reached: `registries` of the engine. */
  readonly hosts?: RegistryOptions | undefined
  /** Asked for credentials that neither a call nor `hosts` has. */
  readonly credentials?: CredentialDriver | undefined
}

/** What every request takes. */
export interface RequestContext {
  /** Who asks; else what the engine's options, config.json and credential helpers say. */
  readonly auth?: RegistryAuth | undefined
  readonly signal?: AbortSignal | undefined
  /** `false`: ask the registry itself, for content that a mirror had wrong. */
  readonly mirrors?: boolean | undefined
}

/** Where a blob goes. */
export interface DownloadContext extends RequestContext {
  /** Open for writing; always holds an unbroken beginning of the blob, whatever happens. */
  readonly file: FileHandle
  /** How much of the blob is there already. */
  readonly offset: number
  /** That many more bytes of the beginning are in the file. */
  readonly onBytes?: ((count: number) => void) | undefined
  /** The file was emptied: the registry gives the blob from its start only. */
  readonly onRestart?: (() => void) | undefined
}

/** How a blob comes. */
export interface UploadContext extends RequestContext {
  /** That many more bytes were sent; negative when something has to be sent again. */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** The least that a chunk of an upload has. */
const leastChunkBytes = 64 * 1024
const usualChunkBytes = 64 * 1024 * 1024

/** The registries as one engine sees them: endpoints (mirrors first), credentials, TLS, retries. */
export class RegistryClient {
  readonly #registries: Registries
  readonly #budget = new PartBudget()
  readonly #credentials: CredentialDriver | undefined

  constructor(options: RegistryClientOptions = {}) {
    this.#registries = new Registries(options.hosts, options.credentials)
    this.#credentials = options.credentials
  }

  /** The manifest's bytes, as they are: they fit the digest that was asked for or announced. */
  async manifest(ref: RepositoryRef, reference: string, context: RequestContext = {}): Promise<FetchedManifest> {
    return await this.#registries.fromFirst(ref, context, (endpoint) =>
      fetchManifest(endpoint, ref, reference, context.signal),
    )
  }

  /** What a tag points to, without the manifest; null where the registry does not say. */
  async resolve(ref: RepositoryRef, tag: string, context: RequestContext = {}): Promise<Descriptor | null> {
    return await this.#registries.fromFirst(ref, context, (endpoint) => resolveTag(endpoint, ref, tag, context.signal))
  }

  /** Writes the blob from `offset` on, resuming across failures. The caller checks the digest. */
  async downloadBlob(ref: RepositoryRef, blob: Descriptor, context: DownloadContext): Promise<void> {
    checkDigest(blob.digest)
    await downloadBlob(this.#registries, ref, { blob, context, budget: this.#budget })
  }

  /** Whether the repository has the blob. */
  async hasBlob(ref: RepositoryRef, digest: string, context: RequestContext = {}): Promise<boolean> {
    return await hasBlob(this.#registries.origin(ref, context), ref, digest, context.signal)
  }

  /** Takes a blob over from another repository of the host; false where it has to be uploaded. */
  async mountBlob(
    ref: RepositoryRef,
    digest: string,
    fromRepository: string,
    context: RequestContext = {},
  ): Promise<boolean> {
    checkRepository({ host: ref.host, repository: fromRepository })
    const options = { digest, from: fromRepository, signal: context.signal }
    return await mountBlob(this.#registries.origin(ref, context), ref, options)
  }

  /** Uploads a blob whose file `open` gives (again for another try). */
  async uploadBlob(
    ref: RepositoryRef,
    blob: Descriptor,
    open: () => Promise<FileHandle>,
    context: UploadContext = {},
  ): Promise<void> {
    const configured = this.#registries.uploadChunkSize(ref.host)
    const chunkBytes = configured === undefined ? usualChunkBytes : parseByteSize(configured, 'uploadChunkSize')
    await uploadBlob(this.#registries.origin(ref, context), ref, {
      blob,
      open,
      chunkBytes: Math.max(chunkBytes, leastChunkBytes),
      onBytes: context.onBytes ?? (() => {}),
      signal: context.signal,
    })
  }

  /** Uploads a manifest. `subject`: the digest the registry now lists it under; null if it has no referrers API. */
  async putManifest(
    ref: RepositoryRef,
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    context: RequestContext = {},
  ): Promise<{ readonly subject: string | null }> {
    const endpoint = this.#registries.origin(ref, context)
    return await putManifest(endpoint, ref, { reference, bytes, mediaType, signal: context.signal })
  }

  /** The tags of the repository, page by page. */
  tags(ref: RepositoryRef, context: RequestContext = {}): AsyncIterable<string> {
    return listTags(this.#registries.origin(ref, context), ref, context.signal)
  }

  /** Manifests whose subject is that digest: signatures, attestations. */
  async referrers(
    ref: RepositoryRef,
    digest: string,
    context: RequestContext & { readonly artifactType?: string | undefined } = {},
  ): Promise<readonly Descriptor[]> {
    const { artifactType, signal } = context
    const query = { digest: checkDigest(digest), artifactType, signal }
    return await listReferrers(this.#registries.origin(ref, context), ref, query)
  }

  /** Deletes a manifest by digest, or a tag where the registry can: ERR_REGISTRY_UNSUPPORTED where it cannot. */
  async deleteManifest(ref: RepositoryRef, digestOrTag: string, context: RequestContext = {}): Promise<void> {
    await deleteManifest(this.#registries.origin(ref, context), ref, digestOrTag, context.signal)
  }

  /** Resolves if the host is a registry and takes our credentials. */
  async ping(host: string, context: RequestContext = {}): Promise<void> {
    await ping(this.#registries.host(canonicalHost(host), context), context.signal)
  }

  /** Keeps credentials that were tried: the driver, or docker's config.json. */
  async keepCredentials(
    host: string,
    auth: PasswordAuth | IdentityTokenAuth,
    signal?: AbortSignal | undefined,
  ): Promise<void> {
    const driver = this.#credentials
    if (driver?.store) await askCredentialDriver(host, 'keep', () => driver.store?.(host, auth))
    else await storeCredentials(host, auth, signal)
    this.#registries.forget(canonicalHost(host))
  }

  /** Forgets what was kept. */
  async dropCredentials(host: string, signal?: AbortSignal | undefined): Promise<void> {
    const driver = this.#credentials
    if (driver?.erase) await askCredentialDriver(host, 'forget', () => driver.erase?.(host))
    else await eraseCredentials(host, signal)
    this.#registries.forget(canonicalHost(host))
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#registries.close()
  }
}

export type { RepositoryRef } from './registry-host.js'
export type { RegistryAuth, RegistryHostOptions, RegistryOptions } from './registry-options.js'
