// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { invalidArgument } from '../errors/invalid-argument.js'
import { fullTag } from '../image/image-options.js'
import type { ByteSource } from '../layer/byte-source.js'
import { parsePlatform } from '../oci/platform.js'
import { optionCheck } from '../runtime/option-checks.js'
import type { ByteSize } from '../util/byte-size.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import type { MemoryFiles } from './context/open-memory-context.js'
import type { BuildProgress } from './progress/build-progress.js'

/**
 * Files to build from: a directory by its path, files at hand by their paths, or a tar (plain, gzip or zstd) as a stream of bytes.
 */
export type BuildContextSource = string | MemoryFiles | Readable | ReadableStream<Uint8Array>

/** A secret for the commands that ask for it: its content, or where that is. */
export type BuildSecret =
  | string
  | Uint8Array
  | {
      /** The path of a file that holds it. */
      readonly file: string
    }
  | {
      /** The name of a variable of this process that holds it. */
      readonly env: string
    }

/** What is built, and how. */
export interface BuildOptions {
  /** What COPY and ADD take files from; without one there are none. */
  readonly context?: BuildContextSource | undefined
  /** The path of the Dockerfile in the context; `Dockerfile` by default. */
  readonly dockerfile?: string | undefined
  /** The Dockerfile's text, in place of a file of the context. */
  readonly dockerfileText?: string | undefined
  /** The stage to build, by its name; the last one by default. Stages that it does not need are not built. */
  readonly target?: string | undefined
  /** Values of ARG. They can be read in the image's history: secrets are for {@link BuildOptions.secrets}. */
  readonly args?: Readonly<Record<string, string>> | undefined
  /** Names for FROM and `--from`: a directory by its path, files at hand, or an image (`docker-image://debian:12`). */
  readonly contexts?: Readonly<Record<string, string | MemoryFiles>> | undefined
  /** Names for the image. */
  readonly tags?: readonly string[] | undefined
  /** Over those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** What the image is for: `linux/arm64`. This machine's by default; commands run where it can run them. */
  readonly platform?: string | undefined
  /** By the ids that `RUN --mount=type=secret,id=…` asks for, at most 500 KiB each. They come into no layer, no config, no history and no key of the cache. */
  readonly secrets?: Readonly<Record<string, BuildSecret>> | undefined
  /**
   * Sockets of SSH agents by the ids of `RUN --mount=type=ssh`; `{ default: process.env.SSH_AUTH_SOCK }`. Commands may ask an agent which keys it
   * has, and to sign with them, and for nothing else.
   */
  readonly ssh?: Readonly<Record<string, string>> | undefined
  /** Does every step again; with names of stages, theirs. Results are recorded all the same. */
  readonly noCache?: boolean | readonly string[] | undefined
  /** Asks registries whether base images have changed. False by default: what is in the store is taken. */
  readonly pull?: boolean | undefined
  /**
   * The network of commands that name none: the default network (`default`), loopback only (`none`) or the host's (`host`). With `host` a
   * command may name that too; without, `RUN --network=host` is ERR_INVALID_ARGUMENT.
   */
  readonly network?: 'default' | 'none' | 'host' | undefined
  /** Of each command: as for containers. */
  readonly memory?: ByteSize | undefined
  /** Processors that each command may use. */
  readonly cpus?: number | undefined
  /** Processes and threads of each command. */
  readonly pidsLimit?: number | 'unlimited' | undefined
  /** The most that commands and copies run at the same time. */
  readonly parallel?: number | undefined
  /** Told of everything that happens; a loop over the build is the same for whoever comes later. */
  readonly onProgress?: ((event: BuildProgress) => void) | undefined
  /** Aborted: what runs is killed, nothing is left but records of the steps that were done, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const secret: Check = (value, option) => {
  if (typeof value === 'string' || value instanceof Uint8Array) return
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const [key, ...others] = keys
  if ((key !== 'file' && key !== 'env') || others.length > 0)
    throw invalidArgument(option, "expected a text, bytes, { file: '/path' } or { env: 'NAME' }")
  check.nonEmptyString(Reflect.get(value as object, key), `${option}.${key}`)
}

const files: Check = (value, option) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidArgument(option, 'expected the path of a directory, or files by their paths')
}

const isStream = (value: unknown): value is ByteSource => value instanceof Readable || value instanceof ReadableStream

const shape: Shape<BuildOptions> = {
  context: (value, option) => {
    if (typeof value === 'string') check.nonEmptyString(value, option)
    else if (!isStream(value)) files(value, option)
  },
  dockerfile: check.nonEmptyString,
  dockerfileText: check.string,
  target: check.nonEmptyString,
  args: check.recordOf(check.string),
  contexts: check.recordOf((value, option) =>
    typeof value === 'string' ? check.nonEmptyString(value, option) : files(value, option),
  ),
  tags: check.arrayOf((value, option) => void fullTag(value as string, option), 1000),
  labels: check.recordOf(check.string),
  platform: (value, option) => void parsePlatform(value, option),
  secrets: check.recordOf(secret),
  ssh: check.recordOf(optionCheck.absolutePath),
  noCache: check.anyOf('true, false or names of stages', check.boolean, check.arrayOf(check.nonEmptyString)),
  pull: check.boolean,
  network: check.oneOf('default', 'none', 'host'),
  memory: check.byteSize,
  cpus: check.number({ min: 0.01 }),
  pidsLimit: optionCheck.countOrUnlimited,
  parallel: check.integer({ min: 1, max: 1024 }),
  onProgress: check.function,
  signal: check.signal,
}

/** Refuses what is malformed. */
export function checkBuildOptions(options: unknown): asserts options is BuildOptions {
  checkOptions<BuildOptions>(options, shape)
  const { dockerfile, dockerfileText, context } = options as BuildOptions
  if (dockerfile !== undefined && dockerfileText !== undefined)
    throw invalidArgument('dockerfileText', 'the Dockerfile is given as a path and as a text')
  if (context === undefined && dockerfileText === undefined)
    throw invalidArgument('context', 'there is no Dockerfile', 'give a context that has one, or dockerfileText')
}
