// SPDX-License-Identifier: Apache-2.0
import type { ByteSize } from '../../util/byte-size.js'
import { parseByteSize } from '../../util/byte-size.js'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { CodeStage, type CodeStep } from './code-stage.js'
import { type CodeCommand, checkCommand, commandLine } from './config-steps.js'

/** Owner and permissions of what is mounted. */
export interface CodeOwner {
  /** Root's by default. */
  readonly uid?: number | undefined
  /** Root's by default. */
  readonly gid?: number | undefined
  /** As a number: `0o700`. */
  readonly mode?: number | undefined
}

/** What mounts of files show. */
export interface CodeFiles {
  /** A path in the root, where the command sees it. */
  readonly target: string
  /** A stage or an image; the build's context, or for a cache nothing, where it is missing. */
  readonly from?: CodeStage | string | undefined
  /** A path in `from`: all of it by default. */
  readonly source?: string | undefined
  /** Whether the command only reads: of a bind mount by default, of a cache not. */
  readonly readOnly?: boolean | undefined
}

/** Files of the context, of a stage or of an image. */
export interface CodeBindMount extends CodeFiles {
  /** Which kind it is. */
  readonly type: 'bind'
}

/** A directory that later builds find as this one leaves it. `from` is what it begins with. */
export interface CodeCacheMount extends CodeOwner, CodeFiles {
  /** Which kind it is. */
  readonly type: 'cache'
  /** Its name; the target where it is missing. */
  readonly id?: string | undefined
  /** Whether commands use it at the same time (the default), wait for each other, or each have one of their own. */
  readonly sharing?: 'shared' | 'private' | 'locked' | undefined
}

/** A directory in memory, gone with the command. */
export interface CodeTmpfsMount {
  /** Which kind it is. */
  readonly type: 'tmpfs'
  /** A path in the root. */
  readonly target: string
  /** The most that it takes. */
  readonly size?: ByteSize | undefined
}

/** One of the build's `secrets`. */
export interface CodeSecretMount extends CodeOwner {
  /** Which kind it is. */
  readonly type: 'secret'
  /** Its name among the `secrets`. */
  readonly id: string
  /** A file; `/run/secrets/<id>` where neither this nor `env` is given. */
  readonly target?: string | undefined
  /** A variable. */
  readonly env?: string | undefined
  /** Whether the build fails where there is none; false by default. */
  readonly required?: boolean | undefined
}

/** The socket of one of the build's `ssh` agents. */
export interface CodeSshMount extends CodeOwner {
  /** Which kind it is. */
  readonly type: 'ssh'
  /** Its name among the agents; `default` where it is missing. */
  readonly id?: string | undefined
  /** Where the socket is; SSH_AUTH_SOCK says so. */
  readonly target?: string | undefined
  /** Whether the build fails where there is none; false by default. */
  readonly required?: boolean | undefined
}

/** What a command sees besides its root. */
export type CodeMount = CodeBindMount | CodeCacheMount | CodeTmpfsMount | CodeSecretMount | CodeSshMount

/** How a command is run. */
export interface CodeRunOptions {
  /** What it sees besides its root; at most 128. */
  readonly mounts?: readonly CodeMount[] | undefined
  /** As the build's option of that name says (`default`), loopback only (`none`) or the host's (`host`). */
  readonly network?: 'default' | 'none' | 'host' | undefined
  /** `insecure` asks for all privileges, as `RUN --security` does. */
  readonly security?: 'sandbox' | 'insecure' | undefined
}

const from = check.anyOf('a stage or the name of an image', check.instanceOf(CodeStage), check.nonEmptyString)
const path = check.nonEmptyString
const id = check.integer({ min: 0, max: 0xffff_ffff })
const owner = { uid: id, gid: id, mode: check.integer({ min: 0, max: 0o7777 }) }
const files = { from, source: path, readOnly: check.boolean }

const mountShapes: Readonly<Record<CodeMount['type'], Shape<object>>> = {
  bind: { type: check.any, target: check.required(path), ...files },
  cache: {
    type: check.any,
    target: check.required(path),
    id: path,
    sharing: check.oneOf('shared', 'private', 'locked'),
    ...files,
    ...owner,
  },
  tmpfs: { type: check.any, target: check.required(path), size: check.byteSize },
  secret: { type: check.any, id: check.required(path), target: path, env: path, required: check.boolean, ...owner },
  ssh: { type: check.any, id: path, target: path, required: check.boolean, ...owner },
}

const shape: Shape<CodeRunOptions> = {
  mounts: check.arrayOf(checkMount, 128),
  network: check.oneOf('default', 'none', 'host'),
  security: check.oneOf('sandbox', 'insecure'),
}

/** Runs a command over the root and keeps what it changes. */
export function run(command: CodeCommand, options: CodeRunOptions = {}): CodeStep {
  checkCommand(command, 'command')
  checkOptions(options, shape)
  const { mounts = [], network = 'default', security = 'sandbox' } = options
  const uses = mounts.flatMap((mount) => ('from' in mount && mount.from instanceof CodeStage ? mount.from : []))
  return Object.freeze({
    keyword: 'RUN',
    text: `RUN ${[command].flat().join(' ')}`,
    uses,
    toInstruction: ({ base, word, nameOf }) => ({
      ...base,
      kind: 'run',
      command: commandLine(command),
      mounts: mounts.map((mount) => word(mountText(mount, (value) => nameOf(value).text))),
      network,
      security,
      devices: [],
    }),
  } satisfies CodeStep)
}

function checkMount(value: unknown, option: string): void {
  const type: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined
  check.oneOf(...Object.keys(mountShapes))(type, `${option}.type`)
  checkOptions(value as object, mountShapes[type as CodeMount['type']], option)
}

// In the words of a Dockerfile, whose checks are the checks here.
function mountText(mount: CodeMount, nameOf: (from: CodeStage | string) => string): string {
  const fields = Object.entries(mount).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (name === 'from') return `from=${nameOf(value as CodeStage | string)}`
    if (name === 'mode') return `mode=${Number(value).toString(8)}`
    return name === 'size' ? `size=${parseByteSize(value, 'size')}` : `${name}=${value}`
  })
  return fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')
}
