// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { formatPlatform } from '../oci/platform.js'
import { lacksEmulator, type NoEmulator } from '../runtime/emulators.js'
import type { RunVertex, Vertex } from './graph/vertex.js'
import { needsOf } from './solver/graph-works.js'
import { inOrder } from './solver/in-order.js'
import { atStep } from './solver/step-failure.js'

/** ERR_UNSUPPORTED where a step is a command for a platform that this machine cannot run programs of; nothing was run then. */
export async function requireEmulators(roots: readonly Vertex[]): Promise<void> {
  const commands = new Map<string, RunVertex>()
  for (const vertex of inOrder(roots, needsOf)) {
    const platform = vertex.kind === 'run' ? formatPlatform(vertex.platform) : ''
    if (vertex.kind === 'run' && !commands.has(platform)) commands.set(platform, vertex)
  }
  for (const command of commands.values()) {
    const lack = await lacksEmulator(command.platform)
    if (lack) await atStep(command, () => Promise.reject(withoutEmulator(lack)))
  }
}

function withoutEmulator({ problem, hint }: NoEmulator): EngineError {
  return new EngineError({ code: 'ERR_UNSUPPORTED', message: problem, option: 'platform', hint })
}
