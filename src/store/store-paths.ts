// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { type Digest, digestParts } from '../oci/digest.js'
import { checkName } from '../util/object-name.js'
import { isId } from '../util/random-id.js'

/** Where everything of a store is (docs/store-format.md). Each part of a path that others chose is checked here. */
export class StorePaths {
  /** Absolute, without symlinks. */
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  get version(): string {
    return join(this.root, 'version')
  }
  get layout(): string {
    return join(this.root, 'oci-layout')
  }
  get index(): string {
    return join(this.root, 'index.json')
  }
  get blobs(): string {
    return join(this.root, 'blobs')
  }
  get layers(): string {
    return join(this.root, 'layers')
  }
  get containers(): string {
    return join(this.root, 'containers')
  }
  get names(): string {
    return join(this.root, 'names')
  }
  get networks(): string {
    return join(this.root, 'networks')
  }
  get volumes(): string {
    return join(this.root, 'volumes')
  }
  get buildRecords(): string {
    return join(this.root, 'builds/records')
  }
  get buildBlobs(): string {
    return join(this.root, 'builds/blobs')
  }
  get buildReports(): string {
    return join(this.root, 'builds/reports')
  }
  get buildAliases(): string {
    return join(this.root, 'builds/aliases')
  }
  get cache(): string {
    return join(this.root, 'cache')
  }
  get tmp(): string {
    return join(this.root, 'tmp')
  }
  get trash(): string {
    return join(this.root, 'trash')
  }
  get locks(): string {
    return join(this.root, 'locks')
  }

  blob(digest: Digest): string {
    const { algorithm, hex } = digestParts(digest)
    return join(this.blobs, algorithm, hex)
  }

  /** The directory of an unpacked layer, named by the hex digits of its diffID. */
  layer(diffId: Digest): string {
    return join(this.layers, layerName(diffId))
  }

  layerRecord(diffId: Digest): string {
    return join(this.layer(diffId), 'layer.json')
  }

  /** `id` has to be a full id: anything else is ERR_CONTAINER_NOT_FOUND. */
  container(id: string): string {
    if (!isId(id))
      throw new EngineError({ code: 'ERR_CONTAINER_NOT_FOUND', message: `${quoted(id)} is not a container's id` })
    return join(this.containers, id)
  }

  containerRecord(id: string): string {
    return join(this.container(id), 'container.json')
  }

  containerLog(id: string): string {
    return join(this.container(id), 'log.jsonl')
  }

  /** The symlink that gives a container its name. */
  name(name: string): string {
    return join(this.names, checkName(name))
  }

  networkRecord(name: string): string {
    return join(this.networks, checkName(name), 'network.json')
  }

  volumeRecord(name: string): string {
    return join(this.volumes, checkName(name), 'volume.json')
  }

  /** Where is noted for which containers a plugin has it mounted. */
  volumeMounts(name: string): string {
    return join(this.volumes, checkName(name), 'mounts')
  }

  /** What is mounted of a volume. */
  volumeData(name: string): string {
    return join(this.volumes, checkName(name), 'data')
  }

  /** Of a step of a build, by its key. */
  buildRecord(key: Digest): string {
    return join(this.buildRecords, `${layerName(key)}.json`)
  }

  /** Leads from what was compared first to a key. */
  buildAlias(alias: Digest): string {
    return join(this.buildAliases, layerName(alias))
  }

  /** Says which blob a layer was packed into. */
  buildBlob(diffId: Digest): string {
    return join(this.buildBlobs, layerName(diffId))
  }

  /** Who holds it does that step of a build alone. */
  buildLock(key: Digest): string {
    return join(this.locks, `build-${layerName(key)}.lock`)
  }

  get repositories(): string {
    return join(this.cache, 'git')
  }

  /** A bare repository that a build fetched, by a digest in hex of its address and commit. */
  repository(key: string): string {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError(`${quoted(key)} is no digest`)
    return join(this.repositories, key)
  }

  /** Directories that commands of builds find again, by a name of hex digits. */
  get buildCaches(): string {
    return join(this.root, 'cache/build')
  }

  buildCache(name: string): string {
    return join(this.buildCaches, checkName(name))
  }

  /** Says whose a cache is; written anew each time it is used. */
  buildCacheRecord(name: string): string {
    return join(this.buildCache(name), 'cache.json')
  }

  /** Held by whoever uses that directory of a cache, or makes one. */
  buildCacheLock(name: string, which: number | 'new'): string {
    return join(this.locks, `cache-${checkName(name)}-${which}.lock`)
  }

  lock(name: 'index' | 'store' | 'garbage' | 'networks'): string {
    return join(this.locks, `${name}.lock`)
  }
}

/** How a layer's directory is named. Only sha256 is used for diffIDs, so the hex digits are enough. */
export function layerName(diffId: Digest): string {
  const { algorithm, hex } = digestParts(diffId)
  if (algorithm !== 'sha256')
    throw new EngineError({ code: 'ERR_UNSUPPORTED', message: `diffID ${diffId}: only sha256 is supported` })
  return hex
}
