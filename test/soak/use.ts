// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import type { Engine } from '../../src/index.js'

/** What this process and its supervisor hold. */
export interface Use {
  readonly heapKilobytes: number
  readonly descriptors: number
  readonly supervisorKilobytes: number
  /** Null where that is not ours to see. */
  readonly supervisorDescriptors: number | null
}

export async function useOf(engine: Engine): Promise<Use> {
  const { supervisorPid } = await engine.info()
  const status = await readFile(`/proc/${supervisorPid}/status`, 'utf8')
  const count = async (path: string) => (await readdir(path)).length
  global.gc?.()
  return {
    heapKilobytes: Math.round(process.memoryUsage().heapUsed / 1024),
    descriptors: await count('/proc/self/fd'),
    supervisorKilobytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
    // It is not dumpable: only root sees them.
    supervisorDescriptors: process.getuid?.() === 0 ? await count(`/proc/${supervisorPid}/fd`) : null,
  }
}
