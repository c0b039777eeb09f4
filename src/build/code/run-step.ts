// SPDX-License-Identifier: Apache-2.0
import type { ByteSize } from '../../util/byte-size.js'
import { parseByteSize } from '../../util/byte-size.js'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { CodeStage, type CodeStep } from './code-stage.js'
import { type CodeCommand, checkCommand, commandLine } from './config-steps.js'

/** Owner and permissions of what is mounted. */
interface CodeOwner {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** As a number: `0o700`. */
  readonly mode?: number | undefined
}

/** What a command sees besides its root. */
export type CodeMount =
  | {
      readonly type: 'bind'
      readonly target: string
      /** A stage or an image; the build's context where it is missing. */
      readonly from?: CodeStage | string | undefined
      readonly source?: string | undefined
      readonly readOnly?: boolean | undefined
    }
  | (CodeOwner & {
      readonly type: 'cache'
      readonly target: string
      /** The target where it is missing. */
      readonly id?: string | undefined
      readonly sharing?: 'shared' | 'private' | 'locked' | undefined
      /** What it begins with. */
      readonly from?: CodeStage | string | undefined
      readonly source?: string | undefined
      readonly readOnly?: boolean | undefined
    })
  | { readonly type: 'tmpfs'; readonly target: string; readonly size?: ByteSize | undefined }
  | (CodeOwner & {
      readonly type: 'secret'
      readonly id: string
      /** A file; `/run/secrets/<id>` where neither this nor `env` is given. */
      readonly target?: string | undefined
      /** A variable. */
      readonly env?: string | undefined
      readonly required?: boolean | undefined
    })
  | (CodeOwner & {
      readonly type: 'ssh'
      readonly id?: string | undefined
      readonly target?: string | undefined
      readonly required?: boolean | undefined
    })

/** How a command is run. */
export interface CodeRunOptions {
  readonly mounts?: readonly CodeMount[] | undefined
  readonly network?: 'default' | 'none' | 'host' | undefined
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
