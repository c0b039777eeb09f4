// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, beforeAll } from 'vitest'
import { has } from './needs.js'

const run = promisify(execFile)

/** Another host, on a link of its own to this one: a network namespace of the test's. */
export interface Neighbour {
  /** Its address. */
  readonly address: string
  /** This host's address on the link between the two. */
  readonly hostAddress: string
  /** This host's end of the link. */
  readonly link: string
  /** The output of a command that runs there; empty where it fails. */
  run(...argv: readonly string[]): Promise<string>
  /** A command that goes on there, until the end of the tests; resolves with its first line of output. */
  serve(...argv: readonly string[]): Promise<string>
}

/** Makes one before the tests of a file, and ends it after them. Needs root: where there is none, no test may ask for it. */
export const useNeighbour = (name: string, subnet: string): Neighbour => {
  const link = `tscnb-${name}`
  const [address, hostAddress] = [`${subnet}.2`, `${subnet}.1`]
  const processes: ReturnType<typeof spawn>[] = []
  let pid = 0
  const inside = (argv: readonly string[]) => ['--target', String(pid), '--net', ...argv]
  const ip = (...words: readonly string[]) => run('ip', [...words])
  beforeAll(async () => {
    if (!has('root')) return
    // Its output says that the namespace is there.
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo made; exec sleep 1000'])
    processes.push(holder)
    pid = holder.pid ?? 0
    await once(holder.stdout, 'data')
    await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid))
    await ip('address', 'add', `${hostAddress}/24`, 'dev', link)
    await ip('link', 'set', link, 'up')
    for (const words of [
      `address add ${address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${hostAddress}`,
    ])
      await run('nsenter', inside(['ip', ...words.split(' ')]))
  })
  afterAll(async () => {
    const ended = processes.map((process) => once(process, 'exit'))
    for (const process of processes) process.kill('SIGKILL')
    await Promise.all(ended)
    if (pid > 0) await ip('link', 'delete', link).catch(() => {})
  })
  return {
    address,
    hostAddress,
    link,
    run: async (...argv) =>
      run('nsenter', inside(argv)).then(
        ({ stdout }) => stdout,
        () => '',
      ),
    serve: async (...argv) => {
      const server = spawn('nsenter', inside(argv), { stdio: ['ignore', 'pipe', 'inherit'] })
      processes.push(server)
      const [line] = await once(server.stdout, 'data')
      return String(line)
    },
  }
}

/** What whoServer says to a neighbour: the address that it is seen with; empty where nothing answers in time. */
export const seenFromNeighbour = (neighbour: Neighbour, address: string, port: number): Promise<string> =>
  neighbour.run(
    'perl',
    '-MIO::Socket::IP',
    '-e',
    `my $s = IO::Socket::IP->new(PeerHost => "${address}", PeerPort => ${port}, Timeout => 1) or die; $_ = <$s>; s/^::ffff://; print`,
  )
