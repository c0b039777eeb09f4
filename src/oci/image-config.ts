// SPDX-License-Identifier: Apache-2.0

import type { Digest } from './digest.js'
import type { Platform } from './platform.js'

/** How an image wants its containers to run (OCI image-spec 1.1, "config"; what only Docker has is there too). */
export interface ImageConfig {
  /** `user`, `uid`, `user:group` and so on; empty means root. */
  readonly user?: string | undefined
  /** `80/tcp`. */
  readonly exposedPorts?: readonly string[] | undefined
  /** `NAME=value`. */
  readonly env?: readonly string[] | undefined
  /** Comes before `cmd`. */
  readonly entrypoint?: readonly string[] | undefined
  /** The program and its arguments, or those of the entrypoint. */
  readonly cmd?: readonly string[] | undefined
  /** Directories that are to be volumes. */
  readonly volumes?: readonly string[] | undefined
  /** Absolute. */
  readonly workingDir?: string | undefined
  /** Inert: the engine does nothing because of them. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** A name or number. */
  readonly stopSignal?: string | undefined
  /** Docker's addition. */
  readonly healthcheck?: ImageHealthcheck | undefined
  /** What the shell form of a Dockerfile's instructions runs in. */
  readonly shell?: readonly string[] | undefined
  /** Docker's addition: instructions for a build on top of it. */
  readonly onBuild?: readonly string[] | undefined
}

/** Docker's HEALTHCHECK; what is missing has Docker's default. */
export interface ImageHealthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', text]`; empty means inherited. */
  readonly test: readonly string[]
  /** Between two checks. */
  readonly intervalMs?: number | undefined
  /** After which a check has failed. */
  readonly timeoutMs?: number | undefined
  /** In which failures do not count. */
  readonly startPeriodMs?: number | undefined
  /** Between two checks in the start period. */
  readonly startIntervalMs?: number | undefined
  /** How many failures in a row make it unhealthy. */
  readonly retries?: number | undefined
}

/** How one layer, or one change without a layer, came about. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created?: string | undefined
  /** Who made the layer. */
  readonly author?: string | undefined
  /** The command that made it. */
  readonly createdBy?: string | undefined
  /** Free text. */
  readonly comment?: string | undefined
  /** True if it made no layer. */
  readonly emptyLayer?: boolean | undefined
}

/** The whole configuration document of an image; its digest is the image's id. */
export interface ImageDocument {
  /** RFC 3339. */
  readonly created?: string | undefined
  readonly author?: string | undefined
  readonly platform: Platform
  readonly config: ImageConfig
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[]
  readonly history: readonly HistoryEntry[]
}
