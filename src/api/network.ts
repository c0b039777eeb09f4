// SPDX-License-Identifier: Apache-2.0

import { type CallOptions, callShape } from '../container/call-options.js'
import { changeEgressOfMembers } from '../container/change-egress.js'
import { type ConnectOptions, connectNetwork, disconnectNetwork } from '../container/connect-network.js'
import { findContainer } from '../container/find-container.js'
import { healNetwork, impairMember, partitionNetwork } from '../container/network-faults.js'
import type { Subject } from '../container/operate.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { connectOptionsShape } from '../network/attachment.js'
import { createNetwork } from '../network/create-network.js'
import { getNetwork, listNetworks } from '../network/find-network.js'
import { checkImpairment, type Impairment } from '../network/impairment.js'
import { inspectNetwork, type NetworkInspection } from '../network/inspect-network.js'
import type { NetworkCreateOptions, NetworkFilter, PruneNetworksOptions } from '../network/network-options.js'
import type { NetworkRecord, NetworkSubnet } from '../network/network-record.js'
import { pruneNetworks, removeNetwork } from '../network/remove-network.js'
import { type NetworkUpdateOptions, updateNetwork } from '../network/update-network.js'
import { checkOptions, type Shape } from '../util/validate.js'
import type { Container } from './container.js'
import type { Engine } from './engine.js'
import { splitEngine, type WithEngine } from './with-engine.js'

const connectShape: Shape<ConnectOptions & CallOptions> = { ...connectOptionsShape, ...callShape }

/** A container, or several, by handle, name or id. */
export type NetworkSide = string | Container | readonly (string | Container)[]

/**
 * A network of the engine's own, to which containers are connected by name: `network: 'blue'`. They reach each other by their
 * addresses and names, and what is outside through the host; other networks do not reach them.
 */
export class Network {
  #record: NetworkRecord
  readonly #engine: Engine
  readonly #owned: boolean

  /** @internal */
  constructor(engine: Engine, record: NetworkRecord, { owned }: { readonly owned: boolean }) {
    this.#engine = engine
    this.#record = record
    this.#owned = owned
  }

  /**
   * Makes one. ERR_NAME_IN_USE where there is one of that name, whichever process made it; ERR_SUBNET_IN_USE where another network or a
   * route of the host has addresses of that range.
   */
  static async create(options: WithEngine<NetworkCreateOptions> = {}): Promise<Network> {
    const { engine, rest } = splitEngine(options)
    return new Network(engine, await createNetwork(engine.core.networks, rest), { owned: true })
  }

  /** The network of that name, id, or unique beginning of an id. ERR_NETWORK_NOT_FOUND, ERR_AMBIGUOUS_ID. */
  static async get(idOrName: string, options: WithEngine<CallOptions> = {}): Promise<Network> {
    const { engine, rest } = splitEngine(options)
    checkOptions<CallOptions>(rest, callShape)
    rest.signal?.throwIfAborted()
    return new Network(engine, await getNetwork(engine.core.networks, idOrName), { owned: false })
  }

  /** All of them that fit, by name. Those whose record is damaged are left out. */
  static async list(filter: WithEngine<NetworkFilter> = {}): Promise<readonly Network[]> {
    const { engine, rest } = splitEngine(filter)
    const found = await listNetworks(engine.core.networks, rest)
    return found.map((record) => new Network(engine, record, { owned: false }))
  }

  /** Removes those that no container is on, but the default one; returns their names. */
  static async prune(options: WithEngine<PruneNetworksOptions> = {}): Promise<readonly string[]> {
    const { engine, rest } = splitEngine(options)
    return await pruneNetworks(engine.core.networks, rest)
  }

  /** 64 hex digits. */
  get id(): string {
    return this.#record.id
  }

  /** Unique in its engine. */
  get name(): string {
    return this.#record.name
  }

  /** As it was given. */
  get labels(): Readonly<Record<string, string>> {
    return this.#record.labels
  }

  /** Its ranges of addresses, and the host's own in each of them. */
  get subnets(): readonly NetworkSubnet[] {
    return this.#record.subnets
  }

  /** Whether nothing goes out of it and nothing comes in. */
  get internal(): boolean {
    return this.#record.internal
  }

  /** When it was made. */
  get createdAt(): Date {
    return new Date(this.#record.createdAt)
  }

  /** Everything that is known of it, asked for now. ERR_NETWORK_NOT_FOUND. */
  async inspect(options: CallOptions = {}): Promise<NetworkInspection> {
    checkOptions<CallOptions>(options, callShape)
    return await inspectNetwork(this.#engine.core.networks, this.id, options.signal)
  }

  /**
   * Connects a container, also while it runs; it stays so when it is started again. ERR_INVALID_ARGUMENT where it is on it already, or
   * shares its network with the host or another container; ERR_ADDRESS_IN_USE.
   */
  async connect(container: string | Container, options: ConnectOptions & CallOptions = {}): Promise<void> {
    checkOptions<ConnectOptions & CallOptions>(options, connectShape)
    const { signal, ...place } = options
    await connectNetwork(await this.#subject(container, signal), this.#record, place, signal)
  }

  /** Disconnects a container; when the promise resolves its link is gone, and so are ports that led to it from there. */
  async disconnect(container: string | Container, options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await disconnectNetwork(await this.#subject(container, options.signal), this.#record, options.signal)
  }

  /**
   * Keeps containers of the one side from those of the other, in both directions and at once, also what they have begun: nothing passes
   * between them on this network. It holds when they are started again, until `heal`, or until they leave the network, or this process
   * ends. ERR_INVALID_ARGUMENT where one is not on it; ERR_UNSUPPORTED on networks of macvlan.
   */
  async partition(one: NetworkSide, other: NetworkSide, options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    const sides = { one: await this.#side(one, options.signal), other: await this.#side(other, options.signal) }
    await partitionNetwork(this.#engine.core, this.#record, sides)
  }

  /** Ends faults: partitions between the two sides; all of one side, its impairments too; all of the network. */
  async heal(one?: NetworkSide, other?: NetworkSide, options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    const { signal } = options
    const side = async (given: NetworkSide | undefined) =>
      given === undefined ? undefined : await this.#side(given, signal)
    await healNetwork(this.#engine.core, this.#record, { one: await side(one), other: await side(other) }, signal)
  }

  /**
   * What a container sends on this network goes by a bad line from now on, in the place of an earlier one, also when it is started again;
   * until `heal`, or until it leaves the network, or this process ends. ERR_UNSUPPORTED where the kernel has no netem.
   */
  async impair(container: string | Container, impairment: Impairment, options: CallOptions = {}): Promise<void> {
    checkImpairment(impairment)
    checkOptions<CallOptions>(options, callShape)
    await impairMember(await this.#subject(container, options.signal), this.#record, impairment)
  }

  /**
   * Changes what its members may reach outside, unless they have a policy of their own. When the promise resolves it holds for all of them;
   * connections that are no longer allowed end.
   */
  async update(options: NetworkUpdateOptions): Promise<void> {
    const { core } = this.#engine
    this.#record = await updateNetwork(core.networks, this.id, options)
    await changeEgressOfMembers(core, this.id)
    core.networks.publish({ type: 'network', action: 'update', object: this.name })
  }

  /** Removes it. ERR_NETWORK_IN_USE names a container that is on it, running or not. */
  async remove(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await removeNetwork(this.#engine.core.networks, this.#record, options.signal)
  }

  /** Removes it, if this handle is the one that made it; else lets go. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.remove()
  }

  async #side(side: NetworkSide, signal: AbortSignal | undefined): Promise<readonly Subject['container'][]> {
    const all =
      typeof side === 'object' && side !== null && Symbol.iterator in side ? [...side] : [side as string | Container]
    if (all.length === 0) throw invalidArgument('container', 'one side is empty')
    return await Promise.all(all.map(async (one) => (await this.#subject(one, signal)).container))
  }

  async #subject(container: string | Container, signal: AbortSignal | undefined): Promise<Subject> {
    const { core } = this.#engine
    const id = typeof container === 'string' ? container : container?.id
    if (typeof id !== 'string')
      throw invalidArgument('container', `expected a Container, its name or its id, got ${quoted(container)}`)
    return { context: core, container: await findContainer(core, id, signal) }
  }
}
