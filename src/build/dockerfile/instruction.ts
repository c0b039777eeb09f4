// SPDX-License-Identifier: Apache-2.0
import type { ImageHealthcheck } from '../../oci/image-config.js'
import type { Heredoc } from './heredoc.js'
import type { SourcePosition, SourceRange } from './position.js'

/** A word that variables may still be expanded in, and where it stands. */
export interface Word {
  readonly text: string
  readonly position: SourcePosition
}

/** What every instruction has. */
export interface InstructionBase {
  /** As written. */
  readonly keyword: string
  /** The whole line, continuation lines joined. */
  readonly original: string
  readonly range: SourceRange
  /** The comments directly above. */
  readonly comments: readonly string[]
}

/** A command as an array, or as a text for the shell, or with heredocs. */
export interface CommandLine {
  /** At most one if it is for the shell. */
  readonly args: readonly string[]
  /** Whether the shell runs it. */
  readonly isForShell: boolean
  readonly heredocs: readonly Heredoc[]
}

/** A name with its value. */
export interface Pair {
  readonly name: Word
  readonly value: Word
  /** Whether they are separated by white space, in the old form. */
  readonly isOldForm: boolean
}

/** A file whose content stands in the Dockerfile. */
export interface InlineContent {
  readonly name: string
  readonly data: string
  /** Whether variables in it are expanded. */
  readonly expand: boolean
  readonly position: SourcePosition
}

/** `FROM base AS name`. */
export interface FromInstruction extends InstructionBase {
  readonly kind: 'from'
  readonly base: Word
  readonly platform?: Word | undefined
  /** In lower case. */
  readonly name?: string | undefined
  /** `AS` and the name as written. */
  readonly as?: { readonly keyword: string; readonly name: string } | undefined
}

/** `RUN command`. */
export interface RunInstruction extends InstructionBase {
  readonly kind: 'run'
  readonly command: CommandLine
  /** Still as text, since variables are expanded in them: {@link parseRunMount}. */
  readonly mounts: readonly Word[]
  readonly network: 'default' | 'none' | 'host'
  readonly security: 'sandbox' | 'insecure'
  readonly devices: readonly RunDevice[]
}

/** `--device=name,required`. */
export interface RunDevice {
  readonly name: string
  readonly required: boolean
}

interface CopyLike extends InstructionBase {
  readonly sources: readonly Word[]
  readonly contents: readonly InlineContent[]
  readonly destination: Word
  readonly chown?: Word | undefined
  readonly chmod?: Word | undefined
  readonly link: boolean
  readonly parents: boolean
  readonly exclude: readonly Word[]
}

/** `COPY sources destination`. */
export interface CopyInstruction extends CopyLike {
  readonly kind: 'copy'
  readonly from?: Word | undefined
}

/** `ADD sources destination`. */
export interface AddInstruction extends CopyLike {
  readonly kind: 'add'
  readonly checksum?: Word | undefined
  /** Undefined: as the source's address says. */
  readonly keepGitDir?: boolean | undefined
  /** Undefined: local archives are, others not. */
  readonly unpack?: boolean | undefined
}

/** `ARG name=default …`. */
export interface ArgInstruction extends InstructionBase {
  readonly kind: 'arg'
  readonly args: readonly { readonly name: string; readonly value?: Word | undefined }[]
}

/** `ENV name=value …`. */
export interface EnvInstruction extends InstructionBase {
  readonly kind: 'env'
  readonly pairs: readonly Pair[]
}

/** `LABEL name=value …`. */
export interface LabelInstruction extends InstructionBase {
  readonly kind: 'label'
  readonly pairs: readonly Pair[]
}

/** `CMD command`. */
export interface CmdInstruction extends InstructionBase {
  readonly kind: 'cmd'
  readonly command: CommandLine
}

/** `ENTRYPOINT command`. */
export interface EntrypointInstruction extends InstructionBase {
  readonly kind: 'entrypoint'
  readonly command: CommandLine
}

/** `EXPOSE port …`. */
export interface ExposeInstruction extends InstructionBase {
  readonly kind: 'expose'
  /** In the order of their text. */
  readonly ports: readonly Word[]
}

/** `HEALTHCHECK CMD command` or `HEALTHCHECK NONE`. */
export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'healthcheck'
  readonly healthcheck: ImageHealthcheck
}

/** `MAINTAINER name`. */
export interface MaintainerInstruction extends InstructionBase {
  readonly kind: 'maintainer'
  readonly maintainer: string
}

/** `ONBUILD instruction`. */
export interface OnBuildInstruction extends InstructionBase {
  readonly kind: 'onbuild'
  /** What an image on top begins with, heredocs included. */
  readonly trigger: string
}

/** `SHELL ["program", "argument"]`. */
export interface ShellInstruction extends InstructionBase {
  readonly kind: 'shell'
  readonly shell: readonly string[]
}

/** `STOPSIGNAL signal`. */
export interface StopSignalInstruction extends InstructionBase {
  readonly kind: 'stopsignal'
  readonly signal: Word
}

/** `USER name`. */
export interface UserInstruction extends InstructionBase {
  readonly kind: 'user'
  readonly user: Word
}

/** `VOLUME path …`. */
export interface VolumeInstruction extends InstructionBase {
  readonly kind: 'volume'
  readonly volumes: readonly Word[]
}

/** `WORKDIR path`. */
export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'workdir'
  readonly path: Word
}

/** What stands in a stage. */
export type StageInstruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnBuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopSignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction

/** Any line of a Dockerfile. */
export type Instruction = FromInstruction | StageInstruction
