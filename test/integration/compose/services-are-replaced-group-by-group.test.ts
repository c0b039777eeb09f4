// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { seenFromHost } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'
import { useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

// Tells its version and name to who connects; asked to end, it goes on for a while, as servers do that are careful.
const server = `
$| = 1; my $s = IO::Socket::IP->new(LocalHost => "0.0.0.0", LocalPort => 80, Listen => 64, ReuseAddr => 1) or die $@;
chomp(my $h = qx(hostname)); $SIG{TERM} = sub { Time::HiRes::ualarm(300_000) }; $SIG{ALRM} = sub { exit 0 };
while (1) { my $p = $s->accept or next; print $p "$ENV{VERSION} $h"; close $p }`
const probe = 'IO::Socket::IP->new(PeerHost => "127.0.0.1", PeerPort => 80) or exit 1; exit($ENV{VERSION} eq "bad")'

const compose = (port: number, version: string) => `
services:
  web:
    image: box
    command: ${JSON.stringify(['perl', '-MTime::HiRes', '-MIO::Socket::IP', '-e', server.replaceAll('$', '$$$$')])}
    environment: { VERSION: ${version} }
    ports: ["127.0.0.1:${port}:80"]
    healthcheck: { test: ${JSON.stringify(['CMD', 'perl', '-MIO::Socket::IP', '-e', probe.replaceAll('$', '$$$$')])}, interval: 200ms, retries: 3, timeout: 20s }
    deploy:
      replicas: 3
      update_config: { order: start-first, parallelism: 2, failure_action: rollback }
      rollback_config: { order: start-first }
`

const answers = async (port: number, count: number): Promise<readonly string[]> => {
  const all: string[] = []
  for (let i = 0; i < count; i++) all.push(await seenFromHost('127.0.0.1', port))
  return all
}

test('one port is answered by all containers of its service, and no request fails while they are replaced', async () => {
  const port = await freePort()
  const project = await projects.load('rolling', compose(port, 'v1'))
  await project.up({ wait: true })
  const names = async () =>
    (await project.ps()).map(({ container, exitCode }) => `${exitCode ?? container.id.slice(0, 12)}`)
  const first = (await names()).map((name) => `v1 ${name}`)
  expect(first).toHaveLength(3)
  expect([...new Set(await answers(port, 60))].sort()).toEqual([...first].sort())

  const [killed] = await project.ps()
  await killed?.container.kill('SIGKILL')
  await killed?.container.wait()
  const left = (await names()).map((name) => `v1 ${name}`)
  expect(left).toHaveLength(2)
  expect([...new Set(await answers(port, 60))].sort()).toEqual([...left].sort())
  await project.up({ wait: true })

  const seen = new Set<string>()
  let over = false
  const asking = (async () => {
    while (!over) seen.add(await seenFromHost('127.0.0.1', port))
  })()
  const next = await projects.load('rolling', compose(port, 'v2'))
  await next.up({ wait: true })
  const second = (await names()).map((name) => `v2 ${name}`)
  expect([...new Set(await answers(port, 60))].sort()).toEqual([...second].sort())

  // What never gets well takes nothing away.
  const bad = await projects.load('rolling', compose(port, 'bad'))
  await expect(bad.up()).rejects.toMatchObject({
    code: 'ERR_COMPOSE_UPDATE',
    object: 'web',
    message: /as it was before/,
  })
  expect((await names()).map((name) => `v2 ${name}`).sort()).toEqual([...second].sort())
  over = true
  await asking
  expect([...seen].filter((answer) => !/^v[12] [0-9a-f]{12}$/.test(answer))).toEqual([])
  await next.down()
  expect(await seenFromHost('127.0.0.1', port)).toBe('refused')
})
