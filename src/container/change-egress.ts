// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { EgressMessage } from '../native/network-messages.js'
import type { ContainerContext } from './container-context.js'
import { containerError } from './container-error.js'
import { linkTo } from './container-link.js'
import { findContainer } from './find-container.js'
import type { Subject } from './operate.js'

/**
 * Has whoever owns the container apply another policy of its own (null: none), or, without one, what its networks say now.
 * ERR_INVALID_ARGUMENT where it has no network of its own.
 */
export async function changeEgress({ context, container }: Subject, egress?: EgressMessage | null): Promise<void> {
  const link = await linkTo(context, container)
  const args = { container: container.id, ...(egress !== undefined && { egress }) }
  const failure = { doing: `change the egress policy of container '${container.name}'` }
  try {
    await link.request('egress', args, { failure })
  } catch (error) {
    const { step, errno } = error as { readonly step?: string; readonly errno?: string }
    if (step === 'change egress' && errno === 'EINVAL')
      throw invalidArgument('egress', 'its network is the host’s or another container’s')
    throw containerError(error, 'configure', container.name)
  }
}

/** All members of a network, after that has another policy. */
export async function changeEgressOfMembers(context: ContainerContext, network: string): Promise<void> {
  const members = (await context.networks.members()).filter((member) => member.network === network)
  await Promise.all(members.map(({ container }) => changeUnlessGone(context, container)))
}

async function changeUnlessGone(context: ContainerContext, name: string): Promise<void> {
  try {
    await changeEgress({ context, container: await findContainer(context, name) })
  } catch (error) {
    if (!EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
}
