// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Whether there are detached containers that ran before the machine was started anew and that their policy starts again. The
 * supervisor does that when it starts, by the same rules: this only says whether that is worth while. `containers`: their directory.
 */
export async function someStartAfterBoot(containers: string): Promise<boolean> {
  const ids = await readdir(containers).catch(() => [])
  if (ids.length === 0) return false
  const bootId = (await quietly('/proc/sys/kernel/random/boot_id')).trim()
  for (const id of ids) if (startsAfterBoot(await quietly(join(containers, id, 'state.json')), bootId)) return true
  return false
}

function startsAfterBoot(text: string, bootId: string): boolean {
  try {
    const state = JSON.parse(text)
    const policy = state.restart?.policy
    const wanted = policy === 'always' || (policy === 'unless-stopped' && !state.stoppedByUser)
    return wanted && Boolean(state.bootId) && state.bootId !== bootId && state.startedAt !== null
  } catch {
    return false
  }
}

// Containers that are owned, or being removed, have none.
async function quietly(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}
