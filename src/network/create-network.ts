// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { fileStep } from '../store/store-failure.js'
import { writeFileAtomic } from '../util/atomic-file.js'
import { randomName } from '../util/object-name.js'
import { randomId } from '../util/random-id.js'
import { checkOptions } from '../util/validate.js'
import type { SubnetWish } from './choose-subnet.js'
import { ensureNetwork } from './ensure-network.js'
import { allNetworks, findNetwork } from './find-network.js'
import { hostRanges } from './host-routes.js'
import type { NetworkContext } from './network-context.js'
import { createNetworkShape, type NetworkCreateOptions } from './network-options.js'
import type { NetworkRecord } from './network-record.js'
import { planNetwork } from './plan-network.js'

/** What `network: 'bridge'` of containers means. It is made when it is first wanted. */
export const defaultNetworkName = 'bridge'

// Other values of the option of that name.
const reservedNames = [defaultNetworkName, 'none', 'host']

/**
 * Makes one. ERR_NAME_IN_USE where there is one of that name, of whatever process; ERR_SUBNET_IN_USE. Nothing of it is in the kernel
 * before its first container.
 */
export async function createNetwork(
  context: NetworkContext,
  options: NetworkCreateOptions = {},
): Promise<NetworkRecord> {
  checkOptions<NetworkCreateOptions>(options, createNetworkShape)
  const { name, signal } = options
  if (name !== undefined && reservedNames.includes(name))
    throw invalidArgument('name', `${quoted(name)} means something else as the network of a container`)
  signal?.throwIfAborted()
  const record = await context.exclusively(() => make(context, { name, options, kind: 'own' }), signal)
  context.publish({ type: 'network', action: 'create', object: record.name })
  return record
}

/** The network that containers are on which name no other. */
export async function defaultNetwork(context: NetworkContext): Promise<NetworkRecord> {
  const known = await findNetwork(context, defaultNetworkName)
  if (known) return known
  return await context.exclusively(async () => {
    const made = await findNetwork(context, defaultNetworkName)
    return made ?? (await make(context, { name: defaultNetworkName, options: {}, kind: 'default' }))
  })
}

interface Wish {
  readonly name: string | undefined
  readonly options: NetworkCreateOptions
  readonly kind: SubnetWish['kind']
}

async function make(context: NetworkContext, { name, options, kind }: Wish): Promise<NetworkRecord> {
  const [others, ranges] = await Promise.all([allNetworks(context), hostRanges()])
  const taken = new Set(others.map((other) => other.name))
  const own = { id: randomId(), name: name ?? freeName(taken), createdAt: new Date() }
  const record = planNetwork({ ...own, options, kind, others, hostRanges: ranges })
  await write(context, record)
  if (record.macvlan) await tryParent(context, record)
  return record
}

// Whether the host has the link, and lets us, is known before the first container.
async function tryParent(context: NetworkContext, record: NetworkRecord): Promise<void> {
  try {
    await ensureNetwork(await context.connection(), record)
  } catch (error) {
    const directory = dirname((await context.paths()).networkRecord(record.name))
    await fileStep('remove network', directory, () => rm(directory, { recursive: true, force: true }))
    throw error
  }
}

function freeName(taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const name = randomName(attempt)
    if (!taken.has(name)) return name
  }
}

// A directory with everything in it appears by one rename, or not at all.
async function write(context: NetworkContext, record: NetworkRecord): Promise<void> {
  const paths = await context.paths()
  const target = dirname(paths.networkRecord(record.name))
  const staging = join(paths.tmp, `network-${record.id}`)
  await fileStep('make network', target, async () => {
    await mkdir(staging, { mode: 0o700 })
    try {
      await writeFileAtomic(join(staging, 'network.json'), JSON.stringify(record), { sync: false })
      await rename(staging, target)
    } catch (error) {
      await rm(staging, { recursive: true, force: true })
      const { code } = error as NodeJS.ErrnoException
      throw code === 'ENOTEMPTY' || code === 'EEXIST' ? nameInUse(record.name) : error
    }
  })
}

function nameInUse(name: string): EngineError {
  return new EngineError({
    code: 'ERR_NAME_IN_USE',
    message: `there is a network ${quoted(name)} already`,
    object: name,
    hint: `take another name, or use that one: Network.get(${quoted(name)})`,
  })
}
