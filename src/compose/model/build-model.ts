// SPDX-License-Identifier: Apache-2.0

/** A file of a secret or config inside a container, or for a build. */
export interface FileMountModel {
  /** The key of the secret or config. */
  readonly source: string
  /** Where the file is. */
  readonly target?: string | undefined
  /** Who owns the file. */
  readonly uid?: string | undefined
  /** Its group. */
  readonly gid?: string | undefined
  /** The permission bits. */
  readonly mode?: number | undefined
}

/** A soft and a hard limit, or one for both. */
export type UlimitModel =
  | number
  | {
      /** What processes begin with. */
      readonly soft?: number | undefined
      /** What they can raise it to. */
      readonly hard?: number | undefined
    }

/** How a service's image is built. Compose build specification. */
export interface BuildModel {
  /** An absolute path, or the URL of what is elsewhere. */
  readonly context?: string | undefined
  /** Relative to the context. */
  readonly dockerfile?: string | undefined
  /** The text of one, in place of a file. */
  readonly dockerfile_inline?: string | undefined
  /** Of the build; those without value are left out. */
  readonly args?: Readonly<Record<string, string | null>> | undefined
  /** More that stages can be taken from, by name. */
  readonly additional_contexts?: Readonly<Record<string, string>> | undefined
  /** Where cached steps come from. */
  readonly cache_from?: readonly string[] | undefined
  /** Where they go. */
  readonly cache_to?: readonly string[] | undefined
  /** Privileges that steps may ask for. */
  readonly entitlements?: readonly string[] | undefined
  /** Addresses of names in its hosts file. */
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>> | undefined
  /** Of Windows. */
  readonly isolation?: string | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Of its steps. */
  readonly network?: string | undefined
  /** Whether every step runs. */
  readonly no_cache?: boolean | undefined
  /** Stages whose steps all run. */
  readonly no_cache_filter?: readonly string[] | undefined
  /** What it is built for. */
  readonly platforms?: readonly string[] | undefined
  /** Whether it may do what the host's root may. */
  readonly privileged?: boolean | undefined
  /** Attestation of how it was built. */
  readonly provenance?: string | boolean | undefined
  /** Whether base images are looked for anew. */
  readonly pull?: boolean | undefined
  /** Attestation of what is in it. */
  readonly sbom?: string | boolean | undefined
  /** Files of the project's secrets. */
  readonly secrets?: readonly FileMountModel[] | undefined
  /** Bytes. */
  readonly shm_size?: number | undefined
  /** Agents and keys for steps that ask. */
  readonly ssh?:
    | readonly {
        /** `default`, or a name. */
        readonly id: string
        /** Of a socket or a key; empty for the usual agent. */
        readonly path: string
      }[]
    | undefined
  /** More names of what is built. */
  readonly tags?: readonly string[] | undefined
  /** The stage that is built, the last one if it is left out. */
  readonly target?: string | undefined
  /** Limits of its processes, by name. */
  readonly ulimits?: Readonly<Record<string, UlimitModel>> | undefined
}
