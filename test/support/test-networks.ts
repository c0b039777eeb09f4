// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { Connection } from '../../src/native/connection.js'
import type { NetworkArguments, NetworkPlaceArguments, PortMessage } from '../../src/native/network-messages.js'
import { openSupervisor } from '../../src/native/supervisor.js'
import type { TestEngine } from './test-engine.js'

/** What a container is to have beside its options. */
export interface Attached {
  readonly networks: readonly NetworkPlaceArguments[]
  readonly ports?: readonly PortMessage[]
}

const attached = new Map<string, Attached>()
const request = Connection.prototype.request

/** Containers of this name are created with these networks and ports, which have no option of their own yet. */
export const attach = (name: string, what: Attached): void => {
  attached.set(name, what)
}

// Every create message that passes is completed.
Connection.prototype.request = function (this: Connection, op: string, args: object, ...rest: unknown[]) {
  const extra = op === 'create' ? attached.get((args as { name: string }).name) : undefined
  return Reflect.apply(request, this, [op, extra ? { ...args, ...extra } : args, ...rest])
} as typeof request

export interface TestNetworks {
  readonly connection: Connection
  readonly supervisorPid: number
  ensure(network: Omit<NetworkArguments, 'id'>): Promise<string>
  remove(id: string): Promise<void>
}

/** A connection of its own to the supervisor of the file's engine, to make networks with. */
export const useTestNetworks = (engine: TestEngine): TestNetworks => {
  let opened: Awaited<ReturnType<typeof openSupervisor>> | undefined
  const get = () => {
    if (!opened) throw new Error('networks are there only while tests run')
    return opened
  }
  beforeAll(async () => {
    opened = await openSupervisor({ root: engine.root, runRoot: engine.runRoot })
  })
  afterAll(() => {
    opened?.connection.close()
    // Files that run in one process after each other have containers of the same names.
    attached.clear()
  })
  return {
    get connection() {
      return get().connection
    },
    get supervisorPid() {
      return get().hello.pid
    },
    ensure: async (network) => {
      const id = randomBytes(32).toString('hex')
      await get().connection.request('network.ensure', { network: { id, ...network } })
      return id
    },
    remove: async (id) => void (await get().connection.request('network.remove', { network: id })),
  }
}
