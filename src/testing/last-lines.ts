// SPDX-License-Identifier: Apache-2.0
import type { ContainerHandle } from 'tscontainer'

/** How a container is, and the end of its log, for people. */
export async function lastLines(container: ContainerHandle, count: number): Promise<string> {
  const { name, state, exit } = container
  const status = exit ? `${state} (${exit.signal ?? exit.code}${exit.oomKilled ? ', out of memory' : ''})` : state
  const lines: string[] = []
  try {
    for await (const { stream, line } of container.logs({ tail: count })) lines.push(`  ${stream}| ${line}`)
  } catch (error) {
    lines.push(`  (its log cannot be read: ${error instanceof Error ? error.message : String(error)})`)
  }
  return [
    `container '${name}' is ${status}${lines.length > 0 ? ', and wrote last:' : ', and wrote nothing'}`,
    ...lines,
  ].join('\n')
}
