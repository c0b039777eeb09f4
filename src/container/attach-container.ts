// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Attachment, AttachOptions } from '../runtime/attachment.js'
import { parseDetachKeys } from '../runtime/detach-keys.js'
import { requireHostTerminal } from '../runtime/host-terminal.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { ContainerAttachment } from './container-attachment.js'
import { containerError } from './container-error.js'
import { linkTo, openLink } from './container-link.js'
import { requireLegal } from './container-state.js'
import type { Subject } from './operate.js'
import type { TrackedContainer } from './tracked-container.js'

const output = check.oneOf('pipe', 'ignore', 'inherit')
const shape: Shape<AttachOptions> = {
  stdin: check.anyOf(
    "'ignore', 'pipe', 'inherit', a text, bytes or a stream",
    check.string,
    check.instanceOf(Uint8Array),
    check.instanceOf(Readable),
    check.instanceOf(ReadableStream),
  ),
  stdout: output,
  stderr: output,
  whenSlow: check.oneOf('skip', 'wait'),
  detachKeys: (value, option) => {
    check.string(value, option)
    parseDetachKeys(value as string, option)
  },
  signal: check.signal,
}

/** Attaches to the main process. Malformed options throw; all else is told by the attachment. */
export function attachToContainer({ context, container }: Subject, options: AttachOptions = {}): Attachment {
  checkOptions<AttachOptions>(options, shape)
  checkInput(container, options)
  const { stdin = hasInput(container) ? 'pipe' : 'ignore', stdout = 'pipe', stderr = 'pipe', signal } = options
  const tty = container.record?.tty ?? false
  const explain = (error: unknown) => containerError(error, 'attach', container.name)
  const attachment = new ContainerAttachment({ ...options, stdin, stdout, stderr }, { tty, explain })
  const explained = (error: unknown) => attachment.fail(explain(error))
  try {
    signal?.throwIfAborted()
    requireLegal('attach', container)
    const connection = openLink(container)
    if (connection) return attachment.begin(connection, container.id)
    linkTo(context, container).then((found) => attachment.begin(found, container.id), explained)
  } catch (error) {
    explained(error)
  }
  return attachment
}

const hasInput = ({ record }: TrackedContainer) => record?.openStdin ?? false

function checkInput(container: TrackedContainer, { stdin }: AttachOptions): void {
  if (stdin === undefined || stdin === 'ignore') return
  if (!hasInput(container))
    throw invalidArgument('stdin', `the input of container '${container.name}' is closed`, "make it with stdin: 'pipe'")
  if (stdin === 'inherit' && container.record?.tty) requireHostTerminal()
}
