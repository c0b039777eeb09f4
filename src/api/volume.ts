// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, callShape } from '../container/call-options.js'
import { checkOptions } from '../util/validate.js'
import { createVolume } from '../volume/create-volume.js'
import { getVolume, listVolumes } from '../volume/find-volume.js'
import { inspectVolume, type VolumeInspection } from '../volume/inspect-volume.js'
import { pruneVolumes, removeVolume } from '../volume/remove-volume.js'
import type { PruneVolumesOptions, VolumeCreateOptions, VolumeFilter } from '../volume/volume-options.js'
import type { VolumeRecord } from '../volume/volume-record.js'
import type { Engine } from './engine.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/**
 * A directory that outlives containers, and that several of them can share. Containers mount it by its name:
 * `mounts: [{ type: 'volume', source: volume.name, target: '/data' }]`.
 */
export class Volume {
  readonly #record: VolumeRecord
  readonly #engine: Engine
  readonly #owned: boolean

  /** @internal */
  constructor(engine: Engine, record: VolumeRecord, { owned }: { readonly owned: boolean }) {
    this.#engine = engine
    this.#record = record
    this.#owned = owned
  }

  /** Makes an empty one. ERR_NAME_IN_USE where there is one of that name, whichever process made it. */
  static async create(options: WithEngine<VolumeCreateOptions> = {}): Promise<Volume> {
    const { engine, rest } = splitEngine(options)
    return new Volume(engine, await createVolume(engine.core.volumes, rest), { owned: true })
  }

  /** The volume of that name. ERR_VOLUME_NOT_FOUND; ERR_STORE_CORRUPT where its record is damaged, which leaves its files alone. */
  static async get(name: string, options: WithEngine<CallOptions> = {}): Promise<Volume> {
    const { engine, rest } = splitEngine(options)
    checkOptions<CallOptions>(rest, callShape)
    rest.signal?.throwIfAborted()
    return new Volume(engine, await getVolume(engine.core.volumes, name), { owned: false })
  }

  /** All of them that fit, by name. Those whose record is damaged are left out. */
  static async list(filter: WithEngine<VolumeFilter> = {}): Promise<readonly Volume[]> {
    const { engine, rest } = splitEngine(filter)
    const found = await listVolumes(engine.core.volumes, rest)
    return found.map((record) => new Volume(engine, record, { owned: false }))
  }

  /** Removes those without a name, or all, that no container uses; returns their names. */
  static async prune(options: WithEngine<PruneVolumesOptions> = {}): Promise<readonly string[]> {
    const { engine, rest } = splitEngine(options)
    return await pruneVolumes(engine.core.volumes, rest)
  }

  /** Unique in its engine; 64 hex digits where nobody gave it a name. */
  get name(): string {
    return this.#record.name
  }

  /** As it was given. */
  get labels(): Readonly<Record<string, string>> {
    return this.#record.labels
  }

  /** `local`, or the name of a plugin. */
  get driver(): string {
    return this.#record.driver
  }

  /** Whether nobody gave it a name. */
  get anonymous(): boolean {
    return this.#record.anonymous
  }

  /** When it was made. */
  get createdAt(): Date {
    return new Date(this.#record.createdAt)
  }

  /** Everything that is known of it, counted and asked for now. ERR_VOLUME_NOT_FOUND. */
  async inspect(options: CallOptions = {}): Promise<VolumeInspection> {
    checkOptions<CallOptions>(options, callShape)
    return await inspectVolume(this.#engine.core.volumes, this.name, options.signal)
  }

  /** Removes it with everything in it. ERR_VOLUME_IN_USE names a container that uses it, running or not. */
  async remove(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await removeVolume(this.#engine.core.volumes, this.name, options.signal)
  }

  /** Removes it, if this handle is the one that made it; else lets go. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.remove()
  }
}
