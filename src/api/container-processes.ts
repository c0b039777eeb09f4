// SPDX-License-Identifier: Apache-2.0
import { attachToContainer } from '../container/attach-container.js'
import type { CallOptions } from '../container/call-options.js'
import { callShape } from '../container/call-options.js'
import { type ContainerExec, findExec, listExecs } from '../container/container-execs.js'
import { type LogsOptions, logsShape } from '../container/container-logs.js'
import { execInContainer } from '../container/exec-in-container.js'
import { containerLogs, requireLog } from '../container/observe.js'
import type { Subject } from '../container/operate.js'
import type { LogEntry } from '../errors/log-entry.js'
import type { Attachment, AttachOptions } from '../runtime/attachment.js'
import type { BytesExecOptions, ExecOptions } from '../runtime/exec-options.js'
import type { Execution } from '../runtime/execution.js'
import { checkOptions } from '../util/validate.js'

/** What runs in a container: its main process, and commands beside it. */
export abstract class ContainerProcesses {
  readonly #subject: Subject

  /** @internal */
  constructor(subject: Subject) {
    this.#subject = subject
  }

  /** Runs a command in it. Malformed arguments throw at once; ERR_EXEC_SPAWN with errno where it cannot be run. */
  exec(argv: readonly string[], options: BytesExecOptions): Execution<Uint8Array>
  exec(argv: readonly string[], options?: ExecOptions): Execution
  exec(argv: readonly string[], options?: ExecOptions): Execution | Execution<Uint8Array> {
    return execInContainer<string>(this.#subject, argv, options)
  }

  /** Runs a script in its /bin/sh. */
  sh(script: string, options: BytesExecOptions): Execution<Uint8Array>
  sh(script: string, options?: ExecOptions): Execution
  sh(script: string, options?: ExecOptions): Execution | Execution<Uint8Array> {
    return execInContainer<string>(this.#subject, ['/bin/sh', '-c', script], options)
  }

  /** The commands that run in it, whoever began them, and for five minutes those that have ended (the last 128); oldest first. */
  async execs(options: CallOptions = {}): Promise<readonly ContainerExec[]> {
    checkOptions<CallOptions>(options, callShape)
    return await listExecs(this.#subject, options)
  }

  /** One of them, by its id or a unique beginning of it. ERR_EXEC_NOT_FOUND, ERR_AMBIGUOUS_ID. */
  async getExec(id: string, options: CallOptions = {}): Promise<ContainerExec> {
    checkOptions<CallOptions>(options, callShape)
    return await findExec(this.#subject, id, options)
  }

  /**
   * The standard streams of its main process, live from now on. Before the start, too: then nothing is missed. Malformed options throw at once;
   * a container in the wrong state is told by the attachment.
   */
  attach(options: AttachOptions = {}): Attachment {
    return attachToContainer(this.#subject, options)
  }

  /**
   * What its main process wrote, line by line; with `follow` until it ends. Also of one that has ended. ERR_UNSUPPORTED where its log is not
   * kept.
   */
  logs(options: LogsOptions = {}): AsyncIterable<LogEntry> {
    checkOptions<LogsOptions>(options, logsShape)
    requireLog(this.#subject.container)
    return containerLogs(this.#subject, options)
  }
}
