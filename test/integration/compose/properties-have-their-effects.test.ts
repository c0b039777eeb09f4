// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildOptions } from '../../../src/compose/translate/build-options.js'
import { EngineError, Image } from '../../../src/index.js'
import { has, testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'
import { cgroupFile } from '../container/seen-from-outside.js'
import { translated } from './support/translated.js'

const host = useTestEngine()
const sleep = ['sleep', '1000']

/** A text without variables of compose. */
const literal = (text: string): string => text.replaceAll('$', '$$$$')

/** What a script finds, one line each: `name=what`. */
const found = (script: Readonly<Record<string, string>>): readonly string[] => [
  'sh',
  '-c',
  Object.entries(script)
    .map(([name, command]) => literal(`echo "${name}=$( ${command} )"`))
    .join('\n'),
]
const lines = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  )
const status = (key: string) => `awk '/^${key}:/ {print $2}' /proc/self/status`

test('one service has all that it says of its process, its files and its names', async () => {
  const expected = {
    environment: '1 0',
    init: '1',
    hostname: 'box example.org',
    working_dir: '/usr',
    read_only: 'Read-only file system',
    tmpfs: '1024 1770',
    shm_size: '8192',
    ulimits: '77 88',
    sysctls: '77',
    capabilities: '0000000000002000',
    security_opt: '0 0',
    oom_score_adj: '500',
    dns: 'search a.example options timeout:1 ndots:2',
    extra_hosts: '2',
    secret: 'shh',
    config: 'written 440',
    bind: 'Read-only file system',
    volume: 'kept',
    aliases: '10.213.7.9',
  }
  const script = {
    environment: 'echo $A $(env | grep -c ^PATH=)',
    init: 'echo $$',
    hostname: 'echo $(hostname) $(cat /proc/sys/kernel/domainname)',
    working_dir: 'pwd',
    read_only: '(echo x >/file) 2>&1 | grep -o "Read-only file system"',
    tmpfs: "echo $(df -k /scratch | awk 'NR==2 {print $2}') $(stat -c %a /scratch)",
    shm_size: "df -k /dev/shm | awk 'NR==2 {print $2}'",
    ulimits: "awk '/^Max open files/ {print $4, $5}' /proc/self/limits",
    sysctls: 'cat /proc/sys/net/ipv4/ip_default_ttl',
    capabilities: status('CapEff'),
    security_opt: `echo $(${status('NoNewPrivs')}) $(${status('Seccomp')})`,
    oom_score_adj: 'cat /proc/self/oom_score_adj',
    dns: 'echo $(grep -E "^(search|options)" /etc/resolv.conf)',
    extra_hosts: 'grep -c several /etc/hosts',
    secret: 'cat /run/secrets/token',
    config: 'echo $(cat /etc/app.conf) $(stat -c %a /etc/app.conf)',
    bind: '(echo x >/bound/x) 2>&1 | grep -o "Read-only file system"',
    volume: 'echo kept >/data/x; cat /data/x',
    aliases: "getent ahostsv4 front | awk 'NR==1 {print $1}'",
  }
  const web = {
    image: 'box',
    container_name: 'the-one',
    command: found(script),
    entrypoint: [],
    environment: { A: '1', PATH: null },
    hostname: 'box',
    domainname: 'example.org',
    working_dir: '/usr',
    read_only: true,
    tmpfs: ['/scratch:size=1m,mode=1770'],
    shm_size: '8m',
    ulimits: { nofile: { soft: 77, hard: 88 } },
    sysctls: ['net.ipv4.ip_default_ttl=77'],
    cap_drop: ['ALL'],
    cap_add: ['NET_RAW'],
    security_opt: ['no-new-privileges:false', 'seccomp=unconfined'],
    oom_score_adj: 500,
    dns_search: ['a.example'],
    dns_opt: ['timeout:1', 'ndots:2'],
    extra_hosts: ['several=10.0.0.1', 'several=10.0.0.2'],
    secrets: ['token'],
    configs: [{ source: 'app', target: '/etc/app.conf', mode: 0o440 }],
    volumes: ['./made:/bound:ro', 'data:/data'],
    networks: { one: { aliases: ['front'], ipv4_address: '10.213.7.9', mac_address: '02:42:ac:11:65:43' } },
    labels: { a: 'b' },
  }
  const document = {
    name: 'effects',
    services: { web },
    networks: { one: { ipam: { config: [{ subnet: '10.213.7.0/24' }] } } },
    volumes: { data: { labels: { kind: 'test' } } },
    secrets: { token: { file: './secret' } },
    configs: { app: { content: 'written' } },
  }
  const { project, create } = await translated(host, document, { secret: 'shh' })
  const box = await create('web')
  expect(box.name).toBe('the-one')
  expect(box.labels).toMatchObject({
    a: 'b',
    'com.docker.compose.project': 'effects',
    'com.docker.compose.oneoff': 'False',
  })
  await access(join(project.origin.directory, 'made'))
  await box.start()
  await box.wait()
  let text = ''
  for await (const { line } of box.logs()) text += `${line}\n`
  expect(lines(text)).toEqual(expected)
})

test('a service that others share things with is where they are', async () => {
  const spaces = 'readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/ipc'
  const document = {
    name: 'sharing',
    services: {
      db: { image: 'box', command: sleep, init: true, volumes: ['data:/data'] },
      beside: {
        image: 'box',
        command: ['sh', '-c', `${spaces}; (echo x >/data/x) 2>&1 | grep -o "Read-only file system"`],
        network_mode: 'service:db',
        pid: 'service:db',
        ipc: 'service:db',
        volumes_from: ['db:ro'],
      },
      linked: { image: 'box', command: ['getent', 'ahostsv4', 'database'], links: ['db:database'] },
    },
    volumes: { data: {} },
  }
  const { run, output } = await translated(host, document)
  const db = await run('db')
  const { stdout } = await db.exec(['sh', '-c', spaces])
  expect(await output('beside')).toBe(`${stdout}Read-only file system\n`)
  const { networks } = await db.inspect()
  expect(await output('linked')).toContain(`${networks[0]?.addresses[0]} `)
})

test('a port without an address is open on all of them, and the first free one of a range is taken', async () => {
  const taken = createServer().listen(0, '0.0.0.0')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const server = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5) or die;
    while (my $c = $s->accept) { print $c "hello\\n"; close $c }`
  const web = { image: 'box', command: ['perl', '-e', literal(server)], ports: [`${port}-${port + 3}:80`] }
  const { run } = await translated(host, { name: 'open', services: { web } })
  const box = await run('web')
  const given = box.ports[0]?.host ?? 0
  expect(given).toBeGreaterThan(port)
  expect(given).toBeLessThanOrEqual(port + 3)
  expect(box.ports).toMatchObject([{ address: '0.0.0.0' }])
  for (const address of ['127.0.0.1', '127.0.0.9'])
    await expect.poll(() => answer(given, address).catch(() => '')).toBe('hello\n')
})

testNeeding('ordinary user')('without root a port below 1024 is refused, and the cure named', async () => {
  const web = { image: 'box', command: sleep, ports: ['80:80'] }
  const { create } = await translated(host, { name: 'privileged', services: { web } })
  const error: unknown = await create('web').catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'ERR_PORT_PRIVILEGED',
    hint: expect.stringContaining('net.ipv4.ip_unprivileged_port_start'),
  })
})

const answer = async (port: number, address: string): Promise<string> => {
  const chunks: string[] = []
  for await (const chunk of connect(port, address)) chunks.push(String(chunk))
  return chunks.join('')
}

test('limits of a service are those of its cgroup', async () => {
  const web = {
    image: 'box',
    command: sleep,
    mem_limit: '64m',
    mem_reservation: '32m',
    cpu_quota: 10_000,
    cpu_period: 20_000,
    cpu_shares: 512,
    deploy: { resources: { limits: { pids: 33 } } },
    stop_grace_period: '50ms',
  }
  const { run } = await translated(host, { name: 'limited', services: { web } })
  const box = await run('web').catch((error: unknown) => {
    if (EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) return undefined
    throw error
  })
  if (box === undefined) return
  const limit = async (controller: string, v1: string, v2: string) =>
    (await cgroupFile(box.pid, controller, { v1, v2 })).text
  expect(await limit('memory', 'memory.limit_in_bytes', 'memory.max')).toBe(String(64 * 2 ** 20))
  expect(await limit('memory', 'memory.soft_limit_in_bytes', 'memory.low')).toBe(String(32 * 2 ** 20))
  expect(await limit('cpu', 'cpu.cfs_period_us', 'cpu.max')).toMatch(/20000$/)
  expect(await limit('pids', 'pids.max', 'pids.max')).toBe('33')
  // The first process, which takes no notice of SIGTERM: compose has no init before it unless it is asked for.
  expect(await box.stop()).toMatchObject({ signal: 'SIGKILL' })
})

test('users, groups, terminals, health checks and restarts are as a service says', async () => {
  const identity = has('single id') ? {} : { user: '1:1', group_add: ['tty', '7'] }
  const document = {
    name: 'processes',
    services: {
      who: { image: 'box', command: ['sh', '-c', 'id -G; test -t 0 && echo terminal'], tty: true, ...identity },
      again: {
        image: 'box',
        command: ['sh', '-c', 'echo ran; exit 4'],
        deploy: { restart_policy: { condition: 'on-failure', max_attempts: 2 } },
      },
      well: { image: 'box', command: sleep, healthcheck: { test: ['CMD', 'true'], interval: '20ms' } },
    },
  }
  const { run, output } = await translated(host, document)
  const groups = has('single id') ? '0' : '1 5 7'
  expect(
    (await output('who'))
      .replaceAll('\r', '')
      .split('\n')
      .map((line) => line.split(' ').sort().join(' ')),
  ).toEqual([groups, 'terminal', ''])
  expect(await output('again')).toBe('ran\nran\nran\n')
  const well = await run('well')
  await expect.poll(() => well.health).toBe('healthy')
})

test('a device is held to what a service may do with it', async () => {
  const script = 'true </dev/net/tun && echo read; (true >/dev/net/tun) 2>&1 | grep -o "Operation not permitted"'
  const web = { image: 'box', command: ['sh', '-c', script], devices: ['/dev/net/tun:/dev/net/tun:r'] }
  const { output } = await translated(host, { name: 'devices', services: { web } })
  const text = await output('web').catch((error: unknown) => {
    if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
    expect(error.option).toBe('devices[0].permissions')
    return undefined
  })
  if (text !== undefined) expect(text).toBe('read\nOperation not permitted\n')
})

test('a build section builds', async () => {
  const build = {
    context: '.',
    dockerfile_inline: 'FROM scratch\nARG A\nLABEL arg=$$A',
    args: { A: '1' },
    tags: ['more:1'],
    labels: { own: 'x' },
  }
  const { project } = await translated(host, { name: 'built', services: { web: { build } } })
  const { options, image } = (await buildOptions(project, 'web')) ?? expect.fail('there is a build')
  const built = await Image.build({ ...options, engine: host.engine })
  expect(image).toBe('built-web')
  expect((await Image.get('built-web', { engine: host.engine })).id).toBe(built.id)
  expect((await Image.get('more:1', { engine: host.engine })).id).toBe(built.id)
  expect(built.config.labels).toMatchObject({ arg: '1', own: 'x', 'com.docker.compose.project': 'built' })
})
