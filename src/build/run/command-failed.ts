// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { ExitStatus } from '../../errors/exit-status.js'
import type { RunVertex } from '../graph/vertex.js'

/** A command that ended badly, with what it said last. */
export function commandFailed(
  { origin, args }: RunVertex,
  { code, signal, oomKilled }: ExitStatus,
  lines: readonly string[],
): EngineError {
  const how = oomKilled ? 'was killed for want of memory' : signal ? `was ended by ${signal}` : `ended with ${code}`
  const tail = lines.length > 0 ? `\n  ${lines.join('\n  ')}` : ''
  return new EngineError({
    code: 'ERR_BUILD_FAILED',
    message: `the command ${how}${tail}`,
    object: origin?.text ?? args.join(' '),
  })
}
