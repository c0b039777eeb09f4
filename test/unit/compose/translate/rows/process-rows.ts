// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { container, kept, type PropertyRows, parent, refused, reported, web } from '../property-row.js'

const hook = { command: ['echo', 'x'], user: 'root', privileged: true, working_dir: '/', environment: { A: '1' } }

/** What runs, who it is, and how it is looked after. */
export const processRows: PropertyRows = {
  annotations: container({ annotations: { 'org.example': 'x' } }, { annotations: { 'org.example': 'x' } }),
  attach: kept({ attach: false }, 'attach', false),
  command: container({ command: 'a "b c"' }, { command: ['a', 'b c'] }),
  container_name: container({ container_name: 'own' }, { name: 'own' }),
  depends_on: kept(
    { depends_on: ['db'] },
    'depends_on.db',
    { condition: 'service_started', required: true },
    {
      services: { web: { image: 'img', depends_on: ['db'] }, db: { image: 'img' } },
    },
  ),
  develop: kept(
    { build: '.', develop: { watch: [{ path: '/src', action: 'rebuild' }] } },
    'develop.watch.0.action',
    'rebuild',
  ),
  domainname: container({ domainname: 'example.org' }, { domainname: 'example.org' }),
  entrypoint: container({ entrypoint: [] }, { entrypoint: [] }),
  env_file: container({ env_file: 'given.env' }, { env: { FROM_FILE: '1' } }),
  'env_file.path': container({ env_file: [{ path: './given.env' }] }, { env: { FROM_FILE: '1' } }),
  'env_file.required': container({ env_file: [{ path: 'not-there', required: false }] }, {}),
  'env_file.format': container({ env_file: [{ path: 'given.env', format: 'raw' }] }, { env: { FROM_FILE: '1' } }),
  environment: container({ environment: ['A=1', 'HELD', 'NOWHERE'] }, { env: { A: '1', HELD: 'here', NOWHERE: null } }),
  extends: container(
    { extends: { service: 'base' } },
    { user: 'based' },
    {
      services: { web: { extends: { service: 'base' } }, base: { image: 'img', user: 'based' } },
    },
  ),
  'extends.service': container(
    {},
    { user: 'based' },
    {
      services: { web: { extends: { service: 'base' } }, base: { image: 'img', user: 'based' } },
    },
  ),
  'extends.file': container(
    {},
    { user: 'based' },
    {
      services: {
        web: { extends: { service: 'base', file: './compose.yaml' } },
        base: { image: 'img', user: 'based' },
      },
    },
  ),
  group_add: container({ group_add: ['mail', 7] }, { groupAdd: ['mail', '7'] }),
  healthcheck: parent,
  'healthcheck.test': container({ healthcheck: { test: 'true' } }, { healthcheck: { test: ['CMD-SHELL', 'true'] } }),
  'healthcheck.disable': container({ healthcheck: { disable: true } }, { healthcheck: false }),
  'healthcheck.interval': container({ healthcheck: { interval: '1m30s' } }, { healthcheck: { intervalMs: 90_000 } }),
  'healthcheck.timeout': container({ healthcheck: { timeout: '500ms' } }, { healthcheck: { timeoutMs: 500 } }),
  'healthcheck.retries': container({ healthcheck: { retries: 5 } }, { healthcheck: { retries: 5 } }),
  'healthcheck.start_period': container(
    { healthcheck: { start_period: '1s' } },
    { healthcheck: { startPeriodMs: 1000 } },
  ),
  'healthcheck.start_interval': container(
    { healthcheck: { start_interval: '2s' } },
    { healthcheck: { startIntervalMs: 2000 } },
  ),
  hostname: container({ hostname: 'box' }, { hostname: 'box' }),
  image: kept({ image: 'other:1' }, 'image', 'other:1'),
  init: {
    document: web({ init: true }),
    container: ({ init }) => expect(init).toBe(true),
  },
  label_file: container({ label_file: 'given.labels' }, { labels: { 'from.file': '1' } }),
  labels: container({ labels: ['a=b'] }, { labels: { a: 'b', 'com.docker.compose.service': 'web' } }),
  logging: parent,
  'logging.driver': container({ logging: { driver: 'plugged' } }, { logs: { driver: 'plugged' } }),
  'logging.options': container(
    { logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } } },
    { logs: { maxSize: 10 * 2 ** 20, maxFiles: 3 } },
  ),
  models: reported({ models: ['llm'] }, 'models', { models: { llm: { model: 'ai/x' } } }),
  platform: container({ platform: 'linux/amd64' }, { platform: 'linux/amd64' }),
  post_start: kept({ post_start: [hook] }, 'post_start', [hook]),
  pre_start: kept({ pre_start: [{ ...hook, image: 'i', per_replica: true }] }, 'pre_start.0.image', 'i'),
  pre_stop: kept({ pre_stop: [hook] }, 'pre_stop', [hook]),
  profiles: {
    document: web({}, { services: { web: { image: 'img' }, not: { profiles: ['debug'] } } }),
    kept: { path: 'services.not', value: undefined },
  },
  provider: refused({ provider: { type: 'model', options: { a: 'b' } } }, 'provider'),
  'provider.type': refused({ provider: { type: 'model' } }, 'provider'),
  'provider.options': refused({ provider: { type: 'model', options: { a: 'b' } } }, 'provider'),
  pull_policy: kept({ pull_policy: 'always' }, 'pull_policy', 'always'),
  pull_refresh_after: reported({ pull_policy: 'refresh', pull_refresh_after: '1h' }, 'pull_refresh_after'),
  restart: container({ restart: 'on-failure:3' }, { restart: 'on-failure:3' }),
  runtime: reported({ runtime: 'kata' }, 'runtime'),
  scale: kept({ scale: 2 }, 'scale', 2),
  stdin_open: container({ stdin_open: true }, { stdin: 'pipe' }),
  stop_grace_period: container({ stop_grace_period: '1m' }, { stopTimeoutMs: 60_000 }),
  stop_signal: container({ stop_signal: 'SIGUSR1' }, { stopSignal: 'SIGUSR1' }),
  tty: container({ tty: true }, { tty: true }),
  use_api_socket: reported({ use_api_socket: true }, 'use_api_socket'),
  user: container({ user: '1000:1000' }, { user: '1000:1000' }),
  working_dir: container({ working_dir: '/srv' }, { workdir: '/srv' }),
}
