// SPDX-License-Identifier: Apache-2.0
import type { ReadyLogOptions } from '../../runtime/ready-options.js'
import { abandonable } from '../../util/abort.js'
import { containerLogs } from '../observe.js'
import { Ended, type Wait } from './wait.js'

/** Reads the log to its end before the container's end is a failure: what ends at once may have said it all the same. */
export async function waitForLog(wait: Wait, pattern: RegExp | string, options: ReadyLogOptions): Promise<void> {
  const { count = 1, stream } = options
  const { subject, since, signal } = wait
  const fits = (line: string) => (typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line))
  let found = 0
  let lines = 0
  wait.note('no line yet')
  const entries = containerLogs(subject, {
    follow: true,
    since,
    signal,
    stdout: stream !== 'stderr',
    stderr: stream !== 'stdout',
  })
  for await (const { line } of entries) {
    lines++
    if (fits(line) && ++found >= count) return
    wait.note(`found in ${found} of ${lines} lines`)
  }
  throw new Ended(await abandonable(wait.ended, signal))
}
