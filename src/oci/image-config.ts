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
  readonly entrypoint?: readonly string[] | undefined
  readonly cmd?: readonly string[] | undefined
  /** Directories that are to be volumes. */
  readonly volumes?: readonly string[] | undefined
  readonly workingDir?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** A name or number. */
  readonly stopSignal?: string | undefined
  readonly healthcheck?: ImageHealthcheck | undefined
  /** What the shell form of a Dockerfile's instructions runs in. */
  readonly shell?: readonly string[] | undefined
  readonly onBuild?: readonly string[] | undefined
}

/** Docker's HEALTHCHECK; what is missing has Docker's default. */
export interface ImageHealthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', text]`; empty means inherited. */
  readonly test: readonly string[]
  readonly intervalMs?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly startPeriodMs?: number | undefined
  readonly startIntervalMs?: number | undefined
  readonly retries?: number | undefined
}

/** How one layer, or one change without a layer, came about. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created?: string | undefined
  readonly author?: string | undefined
  readonly createdBy?: string | undefined
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
