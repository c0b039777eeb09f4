// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Container, Image, Ready } from '../../src/index.js'
import { UndoStack } from '../../src/util/undo-stack.js'
import { alternate, type Contender } from '../alternate.js'
import { docker, type Forwarding, pasta, slirp4netns } from '../peers/port-forwarders.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const containerPort = 8080
const mebibytes = 256
// A port that somebody had is not free for a minute.
let nextHostPort = 28_180

interface Way {
  readonly name: string
  /** `http://…:…` */
  readonly origin: string
}

const fetchBy = (origin: string, file: string) =>
  promisify(execFile)('curl', ['-gsSf', '--noproxy', '*', '--max-time', '20', '-o', '/dev/null', `${origin}/${file}`])

// One connection, one request. Starting curl would take longer than that.
async function ask(origin: string, file: string): Promise<void> {
  const request = get(`${origin}/${file}`, { agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
}

// Forwarders listen before there is anybody inside.
const answers = ({ origin }: Way): Promise<boolean> =>
  promisify(execFile)('curl', [
    ...['-gsSf', '--noproxy', '*', '-o', '/dev/null', '--max-time', '1'],
    ...['--retry', '20', '--retry-delay', '0', '--retry-max-time', '3', '--retry-all-errors', `${origin}/small`],
  ]).then(
    () => true,
    () => false,
  )

async function serve(bench: Workbench, directory: string, undo: UndoStack): Promise<readonly Way[]> {
  const httpd = ['busybox', 'httpd', '-f', '-p', String(containerPort), '-h', directory]
  const box = await Container.run(await Image.host({ engine: bench.engine }), {
    engine: bench.engine,
    command: ['/opt/busybox', ...httpd.slice(1)],
    mounts: [
      { type: 'bind', source: join(bench.rootfs, 'bin/busybox'), target: '/opt/busybox', readonly: true },
      { type: 'bind', source: directory, target: directory, readonly: true },
    ],
    ports: [`127.0.0.1::${containerPort}`, `[::1]::${containerPort}`],
    ready: Ready.port(containerPort),
  })
  undo.push('create container', () => box.remove({ force: true }))
  const [address = ''] = (await box.inspect()).networks[0]?.addresses ?? []
  const hostPort = (where: string) => box.ports.find((port) => port.address === where)?.host
  const ours = [
    { name: 'ours', origin: `http://127.0.0.1:${hostPort('127.0.0.1')}` },
    { name: 'ours, by its forwarding process', origin: `http://[::1]:${hostPort('::1')}` },
    { name: 'the container’s own address', origin: `http://${address}:${containerPort}` },
  ]
  return bench.withPeers ? [...ours, ...(await peers(httpd, directory, undo))] : ours
}

async function peers(command: readonly string[], directory: string, undo: UndoStack): Promise<readonly Way[]> {
  const ways: Way[] = []
  for (const peer of [pasta, slirp4netns, docker]) {
    const hostPort = nextHostPort++
    const forwarding: Forwarding = { command, port: containerPort, hostPort, directory, undo }
    const name = await peer(forwarding)
    const way = { name: name ?? '', origin: `http://127.0.0.1:${hostPort}` }
    if (name !== undefined && (await answers(way))) ways.push(way)
    else console.error(`${peer.name} is not installed or does not run.`)
  }
  return ways
}

interface Question {
  readonly title: string
  readonly file: 'small' | 'large'
  readonly by: (origin: string, file: string) => Promise<unknown>
  readonly rounds: number
}

const scenario = (name: string, { file, by, title, rounds }: Question): Scenario => ({
  name,
  run: async (bench): Promise<Outcome> => {
    const undo = new UndoStack()
    try {
      // Whom a forwarder runs its command as may be nobody.
      const directory = await mkdtemp(`/var/tmp/tscontainer-${name}-`)
      undo.push('make directory', () => rm(directory, { recursive: true, force: true }))
      await chmod(directory, 0o755)
      await writeFile(join(directory, 'small'), 'x')
      await writeFile(join(directory, 'large'), '')
      await truncate(join(directory, 'large'), mebibytes * 2 ** 20)
      const [ours, ...others] = (await serve(bench, directory, undo)).map(
        (way): Contender => ({ name: way.name, run: () => timed(() => by(way.origin, file)) }),
      )
      const measured = await alternate(ours as Contender, others, { rounds, repeat: 1 })
      return { scenario: name, title, unit: 'ms', ...measured }
    } finally {
      await undo.undo()
    }
  },
})

/** What is large comes out of a published port. Needs curl; without root both of ours are by the forwarding process. */
export const portThroughput = scenario('port-throughput', {
  file: 'large',
  by: fetchBy,
  title: `${mebibytes} MiB from a published port, by curl`,
  rounds: 10,
})

/** A connection, a request over HTTP, and its answer. */
export const portLatency = scenario('port-latency', {
  file: 'small',
  by: ask,
  title: 'a request to a published port',
  rounds: 60,
})
