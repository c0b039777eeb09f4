// SPDX-License-Identifier: Apache-2.0
import type { Agent, AgentOptions } from 'node:http'
import type { Socket } from 'node:net'
import { type CallOptions, callShape } from '../container/call-options.js'
import { dialerOf } from '../container/dial-by-name.js'
import { type DialOptions, dialContainer } from '../container/dial-container.js'
import {
  type DispatcherOptions,
  dialDispatcher,
  dispatcherShape,
  type FetchDispatcher,
} from '../container/dial-dispatcher.js'
import { DialHttpAgent } from '../container/dial-http-agent.js'
import type { Subject } from '../container/operate.js'
import { hostPortOf, type PublishedPort } from '../container/published-ports.js'
import { waitUntil } from '../container/ready/wait-until-ready.js'
import type { Protocol } from '../network/port-spec.js'
import type { Ready } from '../runtime/ready.js'
import { checkOptions } from '../util/validate.js'
import { ContainerProcesses } from './container-processes.js'

/** What leads from here to the services in a container. */
export abstract class ContainerReach extends ContainerProcesses {
  readonly #subject: Subject

  /** @internal */
  constructor(subject: Subject) {
    super(subject)
    this.#subject = subject
  }

  /** Ports of the host that lead to its own, with the numbers they got. */
  get ports(): readonly PublishedPort[] {
    return this.#subject.container.ports
  }

  /** The host's port that leads to one of its own. ERR_PORT_NOT_PUBLISHED. */
  hostPort(container: number, protocol: Protocol = 'tcp'): number {
    return hostPortOf(this.#subject.container, container, protocol)
  }

  /**
   * A connection to a TCP port in its network, nothing published: by default to its loopback. As any socket of Node it keeps the process
   * alive until it is closed. ERR_DIAL_REFUSED where nobody listens; with `network: 'host'` its network is the host's.
   */
  async dial(port: number, options: DialOptions = {}): Promise<Socket> {
    return await dialContainer(this.#subject, port, options)
  }

  /** A dispatcher for `fetch` and undici, all of whose requests go to this container, whatever the host in their URL. */
  async dispatcher(options: DispatcherOptions = {}): Promise<FetchDispatcher> {
    checkOptions<DispatcherOptions>(options, dispatcherShape)
    return await dialDispatcher(dialerOf(this.#subject), options)
  }

  /** An agent for requests of `node:http`, all of which go to this container. */
  httpAgent(options: AgentOptions = {}): Agent {
    return new DialHttpAgent(dialerOf(this.#subject), options)
  }

  /**
   * Resolves when the condition is met by a container that was started; of its log everything counts. ERR_READY_TIMEOUT after its
   * `timeoutMs`, 60,000 by default, ERR_CONTAINER_EXITED when it ends before.
   */
  async waitUntil(ready: Ready, options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await waitUntil(this.#subject, ready, options)
  }
}
