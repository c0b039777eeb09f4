// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { fileStep } from '../store/store-failure.js'
import { writeFileAtomic } from '../util/atomic-file.js'
import { check, checkGivenOptions, type Shape } from '../util/validate.js'
import { checkEgressChange, type EgressOptions, egressMessage } from './egress.js'
import { getNetwork } from './find-network.js'
import type { NetworkContext } from './network-context.js'
import type { NetworkRecord } from './network-record.js'

/** What to change of a network. */
export interface NetworkUpdateOptions {
  /** What its members may reach outside, from now on; null: everything. */
  readonly egress: EgressOptions | null
  /** Aborted before: nothing happens. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<NetworkUpdateOptions> = { egress: check.required(checkEgressChange), signal: check.signal }

/** Its record is another one; who comes to it from now on is treated so. Members that run have to be told. */
export async function updateNetwork(
  context: NetworkContext,
  id: string,
  options: NetworkUpdateOptions,
): Promise<NetworkRecord> {
  checkGivenOptions<NetworkUpdateOptions>(options, shape)
  const { egress, signal } = options
  signal?.throwIfAborted()
  return await context.exclusively(async () => {
    const { egress: _, egressVersion = 0, ...rest } = await getNetwork(context, id)
    if (egress && rest.macvlan)
      throw invalidArgument('egress', 'what members of a macvlan send does not pass this host’s firewall')
    const record = {
      ...rest,
      ...(egress && { egress: { allow: [...egress.allow] } }),
      egressVersion: egressVersion + 1,
    }
    const path = (await context.paths()).networkRecord(record.name)
    await fileStep('write network record', path, () => writeFileAtomic(path, JSON.stringify(record), { sync: false }))
    await tell(context, record)
    return record
  }, signal)
}

async function tell(context: NetworkContext, record: NetworkRecord): Promise<void> {
  const connection = await context.connection()
  const failure = { doing: `update network '${record.name}'` }
  const args = { network: record.id, version: record.egressVersion ?? 0, ...egressOf(record) }
  await connection.request('network.egress', args, { failure }).catch((error) => {
    // Nobody is on it, and nothing of it in the kernel.
    if (!EngineError.is(error, 'ERR_NETWORK_NOT_FOUND')) throw error
  })
}

/** For the supervisor. */
export function egressOf({ egress }: NetworkRecord): { readonly egress: ReturnType<typeof egressMessage> | null } {
  return { egress: egress ? egressMessage(egress) : null }
}
