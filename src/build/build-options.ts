// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { invalidArgument } from '../errors/invalid-argument.js'
import { fullTag } from '../image/image-options.js'
import type { ByteSource } from '../layer/byte-source.js'
import { optionCheck } from '../runtime/option-checks.js'
import type { ByteSize } from '../util/byte-size.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { type AttestOptions, checkAttest } from './attest/attest-options.js'
import { type BuildCacheFrom, type BuildCacheTo, checkCacheFrom, checkCacheTo } from './cache/cache-options.js'
import type { MemoryFiles } from './context/open-memory-context.js'
import { parsePlatforms } from './graph/platform-options.js'
import { type BuildOutput, checkOutput } from './output/output-options.js'
import type { BuildProgress } from './progress/build-progress.js'

/**
 * Files to build from: a directory by its path, files at hand by their paths, or a tar (plain, gzip or zstd) as a stream of bytes. A text can
 * also be the address of a git repository (`https://host/app.git#branch:directory`, `git@host:app.git?tag=v1`, `ssh://`, `git://`), or of a tar or
 * a Dockerfile on the web.
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
  /**
   * Names for FROM and `--from`: a directory by its path, files at hand, an image (`docker-image://debian:12`), or any address that
   * {@link BuildOptions.context} can have.
   */
  readonly contexts?: Readonly<Record<string, string | MemoryFiles>> | undefined
  /** Names for the image. */
  readonly tags?: readonly string[] | undefined
  /** Over those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /**
   * What the image is for: `linux/arm64`. This machine's by default. Several make an index of as many images; the promise is then of the one for
   * this machine, or the first. Commands for another platform need an emulator (binfmt_misc): without one ERR_UNSUPPORTED, before anything runs.
   */
  readonly platform?: string | readonly string[] | undefined
  /** Attestations beside the image, in an index. */
  readonly attest?: AttestOptions | undefined
  /** What is written of the result, beside the image in the store. */
  readonly output?: BuildOutput | readonly BuildOutput[] | undefined
  /** Makes nothing in the layers of this build newer than the argument SOURCE_DATE_EPOCH, which it needs; those of base images stay. */
  readonly rewriteTimestamp?: boolean | undefined
  /**
   * By the ids that `RUN --mount=type=secret,id=…` asks for, at most 500 KiB each. They come into no layer, no config, no history and no key of the cache.
   * `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER`, or these with `.<host>` behind them, are what git repositories by http are asked for with.
   */
  readonly secrets?: Readonly<Record<string, BuildSecret>> | undefined
  /**
   * Sockets of SSH agents by the ids of `RUN --mount=type=ssh`; `{ default: process.env.SSH_AUTH_SOCK }`.
   * `default` is also for git repositories by ssh. Commands may ask an agent which keys it has, and to sign with them, and for nothing else.
   */
  readonly ssh?: Readonly<Record<string, string>> | undefined
  /** Does every step again; with names of stages, theirs. Results are recorded all the same. */
  readonly noCache?: boolean | readonly string[] | undefined
  /**
   * Caches that others fill, asked for what this store has no record of: a directory, a registry, an image with an inline cache. Whoever can write
   * there decides what the steps come out as. What is wrong with one is a warning; what comes from one is found again by builds that name the same
   * caches only.
   */
  readonly cacheFrom?: BuildCacheFrom | readonly BuildCacheFrom[] | undefined
  /** Where the results of this build go to when it is done. What a place does not take is a warning. */
  readonly cacheTo?: BuildCacheTo | readonly BuildCacheTo[] | undefined
  /** Asks registries whether base images have changed. False by default: what is in the store is taken. */
  readonly pull?: boolean | undefined
  /**
   * The network of commands that name none: the default network (`default`), loopback only (`none`) or the host's (`host`). With `host` a
   * command may name that too; without, `RUN --network=host` is ERR_INVALID_ARGUMENT.
   */
  readonly network?: 'default' | 'none' | 'host' | undefined
  /** Names for the /etc/hosts of commands, with their addresses: `{ 'repo.internal': '10.0.0.2' }`. */
  readonly addHosts?: Readonly<Record<string, string>> | undefined
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

/** What each option has to be. */
export const buildOptionsShape: Shape<BuildOptions> = {
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
  platform: (value, option) => void parsePlatforms(value, option),
  attest: checkAttest,
  output: checkOutput,
  rewriteTimestamp: check.boolean,
  secrets: check.recordOf(secret),
  ssh: check.recordOf(optionCheck.absolutePath),
  noCache: check.anyOf('true, false or names of stages', check.boolean, check.arrayOf(check.nonEmptyString)),
  cacheFrom: checkCacheFrom,
  cacheTo: checkCacheTo,
  pull: check.boolean,
  network: check.oneOf('default', 'none', 'host'),
  addHosts: optionCheck.hosts,
  memory: check.byteSize,
  cpus: check.number({ min: 0.01 }),
  pidsLimit: optionCheck.countOrUnlimited,
  parallel: check.integer({ min: 1, max: 1024 }),
  onProgress: check.function,
  signal: check.signal,
}

/** Refuses what is malformed. */
export function checkBuildOptions(options: unknown): asserts options is BuildOptions {
  checkOptions<BuildOptions>(options, buildOptionsShape)
  const { dockerfile, dockerfileText, context, rewriteTimestamp, cacheTo = [] } = options as BuildOptions
  if (dockerfile !== undefined && dockerfileText !== undefined)
    throw invalidArgument('dockerfileText', 'the Dockerfile is given as a path and as a text')
  if (context === undefined && dockerfileText === undefined)
    throw invalidArgument('context', 'there is no Dockerfile', 'give a context that has one, or dockerfileText')
  if (rewriteTimestamp && [cacheTo].flat().some(({ type }) => type === 'inline'))
    throw invalidArgument('cacheTo', 'an inline cache is of layers as commands left them', 'leave out rewriteTimestamp')
}
