// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Ready } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'

const containerPort = 8080
const httpd = (port: number) => ['httpd', '-f', '-p', `127.0.0.1:${port}`, '-h', '/etc']

/** One request over a connection of its own; a directory without index is 404, which is an answer, too. */
async function roundTrip(socket: Socket): Promise<void> {
  const request = get({ path: '/', createConnection: () => socket })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  socket.destroy()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function directly(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  await roundTrip(socket)
}

async function untilAnswered(work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt > 500) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

export const dial: Scenario = {
  name: 'dial',
  run: async (bench): Promise<Outcome> => {
    const container = await bench.container('/bin/busybox', ...httpd(containerPort))
    const port = await freePort()
    const server = spawn(join(bench.rootfs, 'bin/busybox'), httpd(port), { stdio: 'ignore' })
    try {
      await container.start()
      await container.waitUntil(Ready.port(containerPort))
      await untilAnswered(() => directly(port))
      const ours = { name: 'ours', run: () => timed(async () => roundTrip(await container.dial(containerPort))) }
      const direct = { name: 'a direct connection', run: () => timed(() => directly(port)) }
      const measured = await alternate(ours, [direct], { rounds: 40, repeat: 5 })
      const over = measured.ours.median - (measured.comparisons[0]?.summary.median ?? Number.NaN)
      const details = { 'over a direct connection': over }
      return { scenario: 'dial', title: 'dial, and a request over HTTP', unit: 'ms', ...measured, details }
    } finally {
      server.kill()
      await container.remove({ force: true })
    }
  },
}
