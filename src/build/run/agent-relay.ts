// SPDX-License-Identifier: Apache-2.0
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { OwnedDescriptor } from '../../native/descriptor.js'

// draft-ietf-sshm-ssh-agent: a length of four bytes, then the kind.
const requestIdentities = 11
const signRequest = 13
const failure = Buffer.from([0, 0, 0, 1, 5])
const maxMessage = 256 * 1024

/**
 * Lets whoever connects to the listening socket ask an SSH agent which keys it has, and to sign with them. Whatever else an agent does (keys are
 * added, removed, locked) is refused, as BuildKit has it.
 */
export class AgentRelay {
  readonly #server: Server
  readonly #clients = new Set<Socket>()

  /** `agent`: the path of its socket. */
  constructor(listener: OwnedDescriptor, agent: string) {
    this.#server = createServer((client) => void this.#serve(client, agent))
    this.#server.on('error', () => {})
    this.#server.listen({ fd: listener.take() })
  }

  /** Ends all conversations. */
  close(): void {
    this.#server.close()
    for (const client of this.#clients) client.destroy()
  }

  async #serve(client: Socket, path: string): Promise<void> {
    this.#clients.add(client)
    const agent = connect(path)
    try {
      await handOn(client, agent)
    } catch {
      // One of the two has left, and so does the other.
    } finally {
      this.#clients.delete(client)
      client.destroy()
      agent.destroy()
    }
  }
}

// One request after the other, so that each gets its own answer.
async function handOn(client: Socket, agent: Socket): Promise<void> {
  const answers = messages(agent)
  for await (const request of messages(client)) {
    const kind = request[4]
    if (kind !== requestIdentities && kind !== signRequest) {
      client.write(failure)
      continue
    }
    agent.write(request)
    const answer = await answers.next()
    if (answer.done) return
    client.write(answer.value)
  }
}

async function* messages(socket: Socket): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer])
    while (rest.length >= 4) {
      const size = rest.readUInt32BE(0)
      if (size < 1 || size > maxMessage) return
      if (rest.length < 4 + size) break
      yield rest.subarray(0, 4 + size)
      rest = rest.subarray(4 + size)
    }
  }
}
