// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, callShape } from '../container/call-options.js'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Descriptor } from '../oci/descriptor.js'
import { parseReference, type Reference } from '../oci/reference.js'
import type { RegistryClient, RepositoryRef } from '../registry/registry-client.js'
import { canonicalHost } from '../registry/registry-host.js'
import {
  checkAuth,
  type IdentityTokenAuth,
  type PasswordAuth,
  type RegistryAuth,
} from '../registry/registry-options.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { Engine } from './engine.js'
import { TagList } from './tag-list.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/** What calls to a registry take. */
export interface RegistryCallOptions extends CallOptions {
  /** Who asks; else what the engine's options, config.json and credential helpers say. */
  readonly auth?: RegistryAuth | undefined
}

/** Which referrers to list. */
export interface ReferrersOptions extends RegistryCallOptions {
  /** Only those of that type. */
  readonly artifactType?: string | undefined
}

const registryShape: Shape<RegistryCallOptions> = { ...callShape, auth: checkAuth }
const referrersShape: Shape<ReferrersOptions> = { ...registryShape, artifactType: check.nonEmptyString }

/** One registry: who we are there, and what can be asked beside pulling and pushing. */
export class Registry {
  /** As names of images have it: `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly host: string
  readonly #engine: Engine

  private constructor(host: string, engine: Engine) {
    this.host = host
    this.#engine = engine
  }

  /** The registry of that host; connects nowhere yet. ERR_INVALID_ARGUMENT for what is no host. */
  static get(host: string, options: WithEngine<object> = {}): Registry {
    const { engine, rest } = splitEngine(options)
    checkOptions(rest, {})
    return new Registry(canonicalHost(host), engine)
  }

  /**
   * Tries the credentials, and keeps them as `docker login` does: in the credential helper that docker's config.json names, else in that
   * file (or the one of REGISTRY_AUTH_FILE); or in the engine's credential driver. ERR_REGISTRY_UNAUTHORIZED if the registry refuses them, ERR_CREDENTIALS if they cannot be kept.
   */
  async login(auth: PasswordAuth | IdentityTokenAuth, options: CallOptions = {}): Promise<void> {
    checkAuth(auth, 'auth')
    if (!('password' in auth) && !('identityToken' in auth))
      throw invalidArgument('auth', 'expected a password or an identity token', 'give { username, password }')
    checkOptions<CallOptions>(options, callShape)
    const client = await this.#client()
    await client.ping(this.host, { auth, signal: options.signal })
    await client.keepCredentials(this.host, auth, options.signal)
  }

  /** Removes what {@link Registry.login} has kept; nothing happens where there is nothing. ERR_CREDENTIALS. */
  async logout(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await (await this.#client()).dropCredentials(this.host, options.signal)
  }

  /** The tags of a repository, to await as an array or to loop over page by page. ERR_REGISTRY_REPOSITORY_UNKNOWN. */
  tags(repository: string, options: RegistryCallOptions = {}): TagList {
    checkOptions<RegistryCallOptions>(options, registryShape)
    const { ref, reference } = this.#parse(repository)
    if (reference.tag !== undefined || reference.digest !== undefined)
      throw invalidArgument('repository', `expected a name without tag and digest, got ${quoted(repository)}`)
    return new TagList(() => this.#listTags(ref, options))
  }

  /** What refers to an image (`repository:tag` or `repository@digest`): signatures, attestations, SBOMs. */
  async referrers(reference: string, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    checkOptions<ReferrersOptions>(options, referrersShape)
    const { ref, reference: parsed } = this.#parse(reference)
    const digest = parsed.digest ?? (await this.#digestOf(ref, parsed, options))
    return await (await this.#client()).referrers(ref, digest, options)
  }

  /**
   * Deletes `repository@digest`, or `repository:tag`. Where the registry cannot remove a tag alone, the manifest it points to goes, and
   * with it the manifest's other tags. ERR_REGISTRY_UNSUPPORTED where deletion is switched off, ERR_REGISTRY_MANIFEST_UNKNOWN.
   */
  async delete(reference: string, options: RegistryCallOptions = {}): Promise<void> {
    checkOptions<RegistryCallOptions>(options, registryShape)
    const { ref, reference: parsed } = this.#parse(reference)
    const client = await this.#client()
    if (parsed.digest !== undefined) return await client.deleteManifest(ref, parsed.digest, options)
    if (parsed.tag === undefined)
      throw invalidArgument('reference', `${quoted(reference)} has neither tag nor digest`, 'say which: name:tag')
    try {
      await client.deleteManifest(ref, parsed.tag, options)
    } catch (error) {
      if (!EngineError.is(error, 'ERR_REGISTRY_UNSUPPORTED')) throw error
      await client.deleteManifest(ref, await this.#digestOf(ref, parsed, options), options)
    }
  }

  #client(): Promise<RegistryClient> {
    return this.#engine.core.registries()
  }

  async *#listTags(ref: RepositoryRef, options: RegistryCallOptions): AsyncGenerator<string, void, void> {
    yield* (await this.#client()).tags(ref, options)
  }

  // Names are given with or without the registry; one of another registry is a mistake.
  #parse(text: string): { readonly ref: RepositoryRef; readonly reference: Reference } {
    const full = typeof text === 'string' && !text.startsWith(`${this.host}/`) ? `${this.host}/${text}` : text
    const own = typeof text === 'string' && this.host === 'docker.io' ? text : full
    const reference = parseReference(own)
    if (reference.domain.toLowerCase() !== this.host)
      throw invalidArgument('reference', `${quoted(text)} is not at ${this.host}`)
    return { ref: { host: this.host, repository: reference.path }, reference }
  }

  async #digestOf(ref: RepositoryRef, { tag }: Reference, options: RegistryCallOptions): Promise<string> {
    const wanted = { ...options, mirrors: false }
    const client = await this.#client()
    const resolved = await client.resolve(ref, tag ?? 'latest', wanted)
    return (resolved ?? (await client.manifest(ref, tag ?? 'latest', wanted)).descriptor).digest
  }
}
