// SPDX-License-Identifier: Apache-2.0
import { readlink } from 'node:fs/promises'
import { expect } from 'vitest'
import type { Container, ContainerOptions } from '../../../src/index.js'
import type { TestEngine } from '../../support/test-engine.js'

type Outcome = 'ERR_UNSUPPORTED' | 'ERR_LIMIT_UNSUPPORTED' | 'ERR_USER_UNMAPPED'

/** What one option does, seen from inside; or how it is refused. */
export interface OptionRow {
  /** Refused, always, with this code. */
  readonly refused?: { readonly options: ContainerOptions; readonly code: Outcome }
  /** Asserts the effect. */
  readonly effect?: (host: TestEngine) => Promise<void>
  /** Beside the effect: the host may lack what it needs, and then says so with this code. */
  readonly unless?: Outcome
}

export const finished = async (host: TestEngine, script: string, options: ContainerOptions = {}): Promise<string> => {
  const box = await host.run({ command: ['sh', '-c', script], ...options })
  await box.wait()
  let text = ''
  for await (const { line } of box.logs()) text += `${line}\n`
  await box.remove()
  return text
}

/** What the script, as the container's command with these options, writes. */
export const inside =
  (options: ContainerOptions, script: string, expected: string | RegExp) =>
  async (host: TestEngine): Promise<void> => {
    const text = await finished(host, script, options)
    if (typeof expected === 'string') expect(text).toBe(expected)
    else expect(text).toMatch(expected)
  }

export const withBox = async (
  host: TestEngine,
  options: ContainerOptions,
  act: (box: Container) => Promise<void>,
): Promise<void> => {
  const box = await host.run({ command: ['sleep', '1000'], ...options })
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}

export const refused = (options: ContainerOptions, code: Outcome = 'ERR_UNSUPPORTED'): OptionRow => ({
  refused: { options, code },
})
export const capability = (line: string) => `awk '/^${line}/ {print $2}' /proc/self/status`

/** The link of one of our own namespaces. */
export const ownNamespace = (kind: string): Promise<string> => readlink(`/proc/self/ns/${kind}`)
