// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { load } from './support/load.js'

const one = (service: string, more = '') => `services:\n  a: {image: x, ${service}}\n  b: {image: x}\n${more}`

test.each([
  [one('networks: [n]'), 'services.a.networks.n: service "a" refers to undefined network n'],
  [one('volumes: ["v:/v"]'), 'services.a.volumes[0]: service "a" refers to undefined volume v'],
  [one('configs: [c]'), 'services.a.configs[0]: service "a" refers to undefined config c'],
  [one('secrets: [{source: s}]'), 'services.a.secrets[0]: service "a" refers to undefined secret s'],
  [one('models: [m]'), 'services.a.models.m: service "a" refers to undefined model m'],
  [one('depends_on: [c]'), 'services.a.depends_on.c: service "a" depends on undefined service "c"'],
  [one('links: ["c:alias"]'), 'service "a" depends on undefined service "c"'],
  [one('network_mode: "service:c"'), 'service "a" depends on undefined service "c"'],
  [one('volumes_from: [c]'), 'service "a" depends on undefined service "c"'],
  [
    one('build: {context: ., secrets: [s]}'),
    'services.a.build.secrets[0]: service "a" refers to undefined build secret s',
  ],
  [one('build: {dockerfile: D, dockerfile_inline: FROM x}'), 'mutually exclusive dockerfile and dockerfile_inline'],
  [one('build: {additional_contexts: {c: "service:c"}}'), 'requires service "c" which is not defined'],
  [one('platform: linux/arm64, build: {context: ., platforms: [linux/amd64]}'), 'must include service.platform'],
  [one('healthcheck: {test: [curl, x]}'), 'services.a.healthcheck.test: must start either by "CMD"'],
  [one('container_name: cc, scale: 2'), "services.a.container_name: can't set container_name and scale 2"],
  [one('container_name: cc, deploy: {replicas: 2}'), "can't set container_name and deploy.replicas 2"],
  [one('scale: 1, deploy: {replicas: 2}'), "can't set distinct values on 'scale' and 'deploy.replicas'"],
  [one('mem_limit: 1m, deploy: {resources: {limits: {memory: 2m}}}'), "can't set distinct values on 'mem_limit'"],
  [one('volumes: [{type: bind, source: /a}]'), 'is missing a mount target'],
  [one('develop: {watch: [{path: ., action: sync}]}'), 'target is required for non-rebuild actions'],
  [one('develop: {watch: [{path: ., action: rebuild}]}'), 'the action rebuild needs a build'],
  [one('ports: ["a:80"]'), 'compose.yaml:2:'],
  [one('ports: [{target: 80, host_ip: nowhere}]'), 'services.a.ports[0].host_ip: invalid ip address: nowhere'],
  [one('command: "open \'quote"'), 'services.a.command: a single quote is not closed'],
  [one('stop_grace_period: soon'), "services.a.stop_grace_period: invalid duration: 'soon'"],
  [one('mem_limit: much'), "services.a.mem_limit: invalid size: 'much'"],
  [one('extra_hosts: [nothing]'), 'services.a.extra_hosts: bad host name or address'],
  [one('init: maybe'), 'services.a.init: "maybe" must be a boolean'],
  [one('pull_policy: sometimes'), 'services.a.pull_policy: does not match'],
  [one('init: true', 'secrets: {s: {}}'), 'secrets.s: one of file, environment, content must be set'],
  [
    one('init: true', 'configs: {c: {file: a, content: b}}'),
    'configs.c: the attributes file and content are mutually exclusive',
  ],
  [
    'services: {a: {image: x, container_name: cc}, b: {image: x, container_name: cc}}',
    'services a and b have the same container_name cc',
  ],
  ['services: {a: {image: x, links: [b]}, b: {image: x, volumes_from: [a]}}', 'dependency cycle detected: a -> b -> a'],
])('%j is refused', async (text, message) => {
  await expect(load(text)).rejects.toEqual(
    expect.objectContaining({ code: 'ERR_COMPOSE_INVALID', message: expect.stringMatching(/compose.yaml:\d+:\d+: /) }),
  )
  await expect(load(text)).rejects.toThrow(message)
})

test('what only an orchestrator or another system can honour is told, with its place', async () => {
  const { warnings } = await load(`version: 3
services:
  a:
    image: x
    isolation: hyperv
    deploy:
      mode: global
      endpoint_mode: dnsrr
      placement: {constraints: [a]}
      replicas: 1
networks: {default: {attachable: true, driver: overlay}}
`)
  expect(warnings.map(({ kind, path, position }) => [kind, path, position?.line])).toEqual(
    [
      ['obsolete', 'version', 1],
      ['not-applicable', 'services.a.isolation', 5],
      ['not-applicable', 'services.a.deploy.mode', 7],
      ['not-applicable', 'services.a.deploy.endpoint_mode', 8],
      ['not-applicable', 'services.a.deploy.placement', 9],
      ['not-applicable', 'networks.default.attachable', 11],
      ['not-applicable', 'networks.default.driver', 11],
    ].toSorted(byLine),
  )
})

const byLine = (a: readonly unknown[], b: readonly unknown[]) =>
  (a[0] === 'obsolete' ? -1 : 0) - (b[0] === 'obsolete' ? -1 : 0)
