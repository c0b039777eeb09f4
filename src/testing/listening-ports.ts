// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import type { ContainerHandle } from 'tscontainer'

/** A container that knows which ports it would listen on. */
export interface FakePorts {
  readonly listeningPorts: readonly number[]
}

const listening = '0A'

/** Whether something in the container's network listens on that TCP port now. */
export async function listens(container: ContainerHandle & Partial<FakePorts>, port: number): Promise<boolean> {
  if (container.listeningPorts) return container.state === 'running' && container.listeningPorts.includes(port)
  const { pid } = container
  if (pid === null) return false
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readTable(`/proc/${pid}/net/${name}`)))
  // Read while it ran: the number was its own all the while.
  return container.pid === pid && tables.some((table) => hasPort(table, port))
}

// "  0: 0100007F:1F90 00000000:0000 0A …": local address, remote address, state.
function hasPort(table: string, port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/)
    return state === listening && local?.endsWith(wanted)
  })
}

async function readTable(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}
