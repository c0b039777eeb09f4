// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { networkHash, serviceHash, volumeHash } from '../../../src/compose/project/config-hash.js'
import { composeLabels, containerLabels, containerName, imageName } from '../../../src/compose/project/labels.js'
import { fixture, plain } from './support/cases.js'
import { load } from './support/load.js'

test('a file of version 2 with links and expose loads, with what it takes for granted', async () => {
  const project = await load(readFileSync(fixture('../compose-seed/docker-compose.yml'), 'utf8'))
  const directory = dirname(project.files[0] as string)
  expect(plain(project.services)).toMatchObject({
    nginx: {
      restart: 'always',
      ports: [{ target: 80, published: '80', protocol: 'tcp', mode: 'ingress' }],
      volumes: [
        {
          type: 'bind',
          source: `${directory}/nginx/default.conf`,
          target: '/etc/nginx/conf.d/default.conf',
          bind: { create_host_path: true },
        },
        { type: 'bind', source: '/data/web' },
      ],
      depends_on: { php: { condition: 'service_started', restart: true, required: true } },
      networks: { default: null },
    },
    php: { expose: ['9000'], depends_on: { mysql: {}, redis: {} } },
    redis: { command: ['redis-server', '--appendonly', 'yes'] },
  })
  expect(plain(project.networks)).toEqual({ default: { name: 'test_default' } })
  expect(project.warnings).toEqual([expect.objectContaining({ kind: 'obsolete' })])
})

test('networks, volumes, secrets and configs are named after the project, unless they are external or say so', async () => {
  const { networks, volumes, secrets, configs } = await load(
    `
services: {a: {image: x, network_mode: none}}
networks: {n: , e: {external: true}, f: {name: own}}
volumes: {v: , e: {external: {name: other}}}
secrets: {s: {environment: S}}
configs: {c: {content: text}}
`,
    { env: { S: 'hidden' } },
  )
  expect(plain({ networks, volumes, secrets, configs })).toEqual({
    networks: { n: { name: 'test_n' }, e: { name: 'e', external: true }, f: { name: 'own' } },
    volumes: { v: { name: 'test_v' }, e: { name: 'other', external: true } },
    secrets: { s: { name: 'test_s', environment: 'S', content: 'hidden' } },
    configs: { c: { name: 'test_c', content: 'text' } },
  })
})

test('config() has no secret of the environment', async () => {
  const project = await load('services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: S}}', {
    env: { S: 'hidden' },
  })
  expect(project.config()).not.toContain('hidden')
  expect(project.secrets.s?.content).toBe('hidden')
})

test('config() prints one canonical form, as YAML and JSON', async () => {
  const project = await load(
    'x-top: {b: 1}\nservices: {b: {image: x, mem_limit: 1g, secrets: [{source: s, mode: 0440}], extra_hosts: ["h:1.1.1.1"]}, a: {build: .}}\nsecrets: {s: {file: /s}}',
    { projectDirectory: '/p' },
  )
  expect(project.config()).toBe(`name: test
services:
  a:
    build:
      context: /p
      dockerfile: Dockerfile
    networks:
      default: null
  b:
    extra_hosts:
      - h=1.1.1.1
    image: x
    mem_limit: "1073741824"
    networks:
      default: null
    secrets:
      - mode: "0440"
        source: s
        target: /run/secrets/s
networks:
  default:
    name: test_default
secrets:
  s:
    file: /s
    name: test_s
x-top:
  b: 1
`)
  expect(JSON.parse(project.config({ format: 'json' }))).toMatchObject({
    name: 'test',
    services: { b: { mem_limit: '1073741824' } },
  })
})

test('everything of a project is frozen', async () => {
  const { services } = await load('services: {a: {image: x, environment: {A: 1}}}')
  expect(() => Object.assign(services.a?.environment as object, { A: '2' })).toThrow(TypeError)
})

const service = async (text: string) => (await load(`services:\n  a: ${text}\n  b: {image: x}`)).services.a as never

test('the hash of a service changes with what its container is made of, and with nothing else', async () => {
  const hash = async (text: string) => serviceHash(await service(text))
  const base = await hash('{image: x, environment: {A: 1, B: 2}, labels: [l=1]}')
  expect(base).toMatch(/^[0-9a-f]{64}$/)
  for (const same of [
    '{labels: {l: 1}, environment: ["B=2", "A=1"], image: x}',
    '{image: x, environment: {A: 1, B: 2}, labels: [l=1], build: ., pull_policy: always, scale: 3, depends_on: [b]}',
    '{image: x, environment: {A: 1, B: 2}, labels: [l=1], deploy: {replicas: 2}}',
  ]) {
    expect(await hash(same), same).toBe(base)
  }
  for (const other of [
    '{image: y, environment: {A: 1, B: 2}, labels: [l=1]}',
    '{image: x, environment: {A: 1}, labels: [l=1]}',
  ]) {
    expect(await hash(other), other).not.toBe(base)
  }
})

test('a driver that is not said is the local one', () => {
  expect(volumeHash({ name: 'v' })).toBe(volumeHash({ name: 'v', driver: 'local' }))
  expect(networkHash({ name: 'n' })).not.toBe(networkHash({ name: 'n', internal: true }))
})

test('containers have the names and labels that Docker Compose gives them', async () => {
  const model: never = await service(
    '{image: x, labels: {own: 1}, depends_on: {b: {condition: service_healthy, restart: true}}}',
  )
  const project = { name: 'p', directory: '/d', files: ['/d/a.yaml', '/d/b.yaml'], environmentFiles: ['/d/.env'] }
  const labels = containerLabels(project, { service: 'a', model, number: 2, oneoff: false, configHash: 'h' })
  expect(labels).toEqual({
    own: '1',
    'com.docker.compose.project': 'p',
    'com.docker.compose.service': 'a',
    'com.docker.compose.container-number': '2',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.config-hash': 'h',
    'com.docker.compose.depends_on': 'b:service_healthy:true',
    'com.docker.compose.project.working_dir': '/d',
    'com.docker.compose.project.config_files': '/d/a.yaml,/d/b.yaml',
    'com.docker.compose.project.environment_file': '/d/.env',
    'com.docker.compose.version': expect.stringMatching(/^2\./),
  })
  expect(composeLabels.image).toBe('com.docker.compose.image')
  expect(containerName('p', 'a', model, 2)).toBe('p-a-2')
  expect(containerName('p', 'a', { container_name: 'own' }, 1)).toBe('own')
  expect([imageName('p', 'a', {}), imageName('p', 'a', { image: 'i' })]).toEqual(['p-a', 'i'])
})

test('every key of a service survives being printed and loaded again', async () => {
  const project = await load(readFileSync(fixture('../compose-seed/every-key.yaml'), 'utf8'), {
    projectDirectory: '/p',
  })
  const again = await load(project.config(), { projectDirectory: '/p' })
  expect(again.config()).toBe(project.config())
  expect(plain(again.services)).toEqual(
    plain({ ...project.services, all: { ...project.services.all, env_file: undefined } }),
  )
  expect(plain(project.services.all)).toMatchObject({
    annotations: { a: '1' },
    build: {
      context: '/p/dir',
      additional_contexts: { c: 'service:other', d: '/p/d' },
      shm_size: 1048576,
      secrets: [{}, { mode: 0o400 }],
    },
    command: ['a', '$b'],
    devices: [
      { source: '/dev/null', target: '/dev/n', permissions: 'r' },
      { source: 'vendor.com/class=x', target: 'vendor.com/class=x' },
    ],
    entrypoint: [],
    environment: { A: '1' },
    extra_hosts: { h: ['1.1.1.1'], v6: ['::1'], 'host.docker.internal': ['host-gateway'] },
    gpus: [{ count: -1 }],
    healthcheck: { test: ['CMD-SHELL', 'curl x'], interval: '1m30s', timeout: '1.5s', start_period: '0s' },
    labels: { 'a.b': '1', 'c d': '', e: '' },
    memswap_limit: -1,
    ports: [
      { published: '1000', target: 80 },
      { published: '1001', target: 81 },
      { host_ip: '127.0.0.1', target: 82, protocol: 'udp' },
      { target: 83 },
      { published: '85', target: 84 },
    ],
    pull_policy: 'missing',
    restart: 'no',
    tmpfs: ['/run:size=1m'],
    volumes: [
      { type: 'volume', target: '/anonymous' },
      { read_only: true, volume: { nocopy: true } },
      {},
      { tmpfs: { size: 1048576, mode: 0o755 } },
      { source: '/p' },
    ],
  })
  expect(project.volumes.v?.driver_opts?.device).toBe('/p/v')
  expect(project.configs.c?.content).toBe('a b $c')
})
