// SPDX-License-Identifier: Apache-2.0

/** A file of a secret or config inside a container, or for a build. */
export interface FileMountModel {
  readonly source: string
  /** Where the file is. */
  readonly target?: string | undefined
  readonly uid?: string | undefined
  readonly gid?: string | undefined
  /** The permission bits. */
  readonly mode?: number | undefined
}

/** A soft and a hard limit, or one for both. */
export type UlimitModel = number | { readonly soft?: number | undefined; readonly hard?: number | undefined }

/** How a service's image is built. Compose build specification. */
export interface BuildModel {
  /** An absolute path, or the URL of what is elsewhere. */
  readonly context?: string | undefined
  /** Relative to the context. */
  readonly dockerfile?: string | undefined
  readonly dockerfile_inline?: string | undefined
  readonly args?: Readonly<Record<string, string | null>> | undefined
  readonly additional_contexts?: Readonly<Record<string, string>> | undefined
  readonly cache_from?: readonly string[] | undefined
  readonly cache_to?: readonly string[] | undefined
  readonly entitlements?: readonly string[] | undefined
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>> | undefined
  readonly isolation?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly network?: string | undefined
  readonly no_cache?: boolean | undefined
  readonly no_cache_filter?: readonly string[] | undefined
  readonly platforms?: readonly string[] | undefined
  readonly privileged?: boolean | undefined
  readonly provenance?: string | boolean | undefined
  readonly pull?: boolean | undefined
  readonly sbom?: string | boolean | undefined
  readonly secrets?: readonly FileMountModel[] | undefined
  /** Bytes. */
  readonly shm_size?: number | undefined
  readonly ssh?: readonly { readonly id: string; readonly path: string }[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly target?: string | undefined
  readonly ulimits?: Readonly<Record<string, UlimitModel>> | undefined
}
