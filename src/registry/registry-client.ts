// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { RepositoryRef } from './registry-host.js'
import type { RegistryAuth, RegistryOptions } from './registry-options.js'

/** What a client is made of. */
export interface RegistryClientOptions {
  /** How hosts are reached: `registries` of the engine. */
  readonly hosts?: RegistryOptions | undefined
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

function later(): never {
  throw new EngineError({ code: 'ERR_UNSUPPORTED', message: 'registries: not supported yet' })
}

/** The registries as one engine sees them: endpoints (mirrors first), credentials, TLS, retries. */
export class RegistryClient {
  readonly options: RegistryClientOptions

  constructor(options: RegistryClientOptions = {}) {
    this.options = options
  }

  /** The manifest's bytes, as they are: they fit the digest that was asked for or announced. */
  async manifest(
    _ref: RepositoryRef,
    _reference: string,
    _context: RequestContext = {},
  ): Promise<{ readonly descriptor: Descriptor; readonly bytes: Uint8Array }> {
    later()
  }

  /** What a tag points to, without the manifest; null where the registry does not say. */
  async resolve(_ref: RepositoryRef, _tag: string, _context: RequestContext = {}): Promise<Descriptor | null> {
    later()
  }

  /** Writes the blob from `offset` on, resuming across failures. The caller checks the digest. */
  async downloadBlob(_ref: RepositoryRef, _blob: Descriptor, _context: DownloadContext): Promise<void> {
    later()
  }

  /** Whether the repository has the blob. */
  async hasBlob(_ref: RepositoryRef, _digest: string, _context: RequestContext = {}): Promise<boolean> {
    later()
  }

  /** Takes a blob over from another repository of the host; false where it has to be uploaded. */
  async mountBlob(
    _ref: RepositoryRef,
    _digest: string,
    _fromRepository: string,
    _context: RequestContext = {},
  ): Promise<boolean> {
    later()
  }

  /** Uploads a blob whose file `open` gives (again for another try). */
  async uploadBlob(
    _ref: RepositoryRef,
    _blob: Descriptor,
    _open: () => Promise<FileHandle>,
    _context: UploadContext = {},
  ): Promise<void> {
    later()
  }

  /** Uploads a manifest. `subject`: the digest the registry now lists it under; null if it has no referrers API. */
  async putManifest(
    _ref: RepositoryRef,
    _reference: string,
    _bytes: Uint8Array,
    _mediaType: string,
    _context: RequestContext = {},
  ): Promise<{ readonly subject: string | null }> {
    later()
  }

  /** The tags of the repository, page by page. */
  tags(_ref: RepositoryRef, _context: RequestContext = {}): AsyncIterable<string> {
    later()
  }

  /** Manifests whose subject is that digest: signatures, attestations. */
  async referrers(
    _ref: RepositoryRef,
    _digest: string,
    _context: RequestContext & { readonly artifactType?: string | undefined } = {},
  ): Promise<readonly Descriptor[]> {
    later()
  }

  /** Deletes a manifest by digest, or a tag where the registry can. */
  async deleteManifest(_ref: RepositoryRef, _digestOrTag: string, _context: RequestContext = {}): Promise<void> {
    later()
  }

  /** Resolves if the host is a registry and takes our credentials. */
  async ping(_host: string, _context: RequestContext = {}): Promise<void> {
    later()
  }

  /** Ends all connections. */
  async close(): Promise<void> {}
}

export type { RepositoryRef } from './registry-host.js'
export type { RegistryAuth, RegistryHostOptions, RegistryOptions } from './registry-options.js'
