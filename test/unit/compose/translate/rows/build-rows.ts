// SPDX-License-Identifier: Apache-2.0
import type { BuildOptions } from '../../../../../src/index.js'
import { type Document, type PropertyRow, type PropertyRows, refused, reported, web } from '../property-row.js'

const build = (properties: object, expected: BuildOptions, others: Document = {}): PropertyRow => ({
  document: web({ build: { context: '/src', ...properties } }, others),
  build: expected,
})
const told = (key: string, value: unknown): PropertyRow =>
  reported({ build: { context: '/src', [key]: value } }, `build.${key}`)
const secrets = { secrets: { given: { environment: 'HELD' } } }
const secretTold = (key: string, value: unknown): PropertyRow =>
  reported(
    { build: { context: '/src', secrets: [{ source: 'given', [key]: value }] } },
    `build.secrets[0].${key}`,
    secrets,
  )

/** How its image is built. */
export const buildRows: PropertyRows = {
  build: { document: web({ build: '/src' }), build: { context: '/src', tags: ['img'] } },
  'build.additional_contexts': {
    document: {
      name: 'shop',
      services: {
        web: { build: { context: '/src', additional_contexts: ['a=/a', 'b=docker-image://debian', 'c=service:base'] } },
        base: { build: '/base' },
      },
    },
    build: { contexts: { a: '/a', b: 'docker-image://debian', c: 'docker-image://shop-base' } },
  },
  'build.args': build({ args: ['A=1', 'HELD', 'NOWHERE'] }, { args: { A: '1', HELD: 'here' } }),
  'build.cache_from': build(
    { cache_from: ['ghcr.io/a/web:cache', 'type=registry,ref=x', 'type=local,src=/cache'] },
    {
      cacheFrom: [
        { type: 'registry', reference: 'ghcr.io/a/web:cache' },
        { type: 'registry', reference: 'x' },
        { type: 'local', path: '/cache' },
      ],
    },
  ),
  'build.cache_to': build(
    { cache_to: ['type=inline', 'type=local,dest=/cache,mode=max'] },
    { cacheTo: [{ type: 'inline' }, { type: 'local', path: '/cache', mode: 'max' }] },
  ),
  'build.context': build({}, { context: '/src' }),
  'build.dockerfile': build({ dockerfile: 'docker/web.Dockerfile' }, { dockerfile: 'docker/web.Dockerfile' }),
  'build.dockerfile_inline': build({ dockerfile_inline: 'FROM x' }, { dockerfileText: 'FROM x' }),
  'build.entitlements': told('entitlements', ['network.host']),
  'build.extra_hosts': build({ extra_hosts: ['a=10.0.0.1'] }, { addHosts: { a: '10.0.0.1' } }),
  'build.isolation': told('isolation', 'hyperv'),
  'build.labels': build({ labels: { a: 'b' } }, { labels: { a: 'b', 'com.docker.compose.service': 'web' } }),
  'build.network': build({ network: 'none' }, { network: 'none' }),
  'build.no_cache': build({ no_cache: true }, { noCache: true }),
  'build.no_cache_filter': build({ no_cache_filter: ['base'] }, { noCache: ['base'] }),
  'build.platforms': build({ platforms: ['linux/arm64'] }, { platform: 'linux/arm64' }),
  'build.privileged': told('privileged', true),
  'build.provenance': build({ provenance: 'mode=max' }, { attest: { provenance: 'max', sbom: false } }),
  'build.pull': build({ pull: true }, { pull: true }),
  'build.sbom': build({ sbom: true }, { attest: { provenance: false, sbom: true } }),
  'build.secrets': build({ secrets: ['given'] }, { secrets: { given: 'here' } }, secrets),
  'build.secrets.source': build({ secrets: [{ source: 'given' }] }, { secrets: { given: 'here' } }, secrets),
  'build.secrets.target': build(
    { secrets: [{ source: 'given', target: 'token' }] },
    { secrets: { token: 'here' } },
    secrets,
  ),
  'build.secrets.uid': secretTold('uid', '1'),
  'build.secrets.gid': secretTold('gid', '1'),
  'build.secrets.mode': secretTold('mode', 0o400),
  'build.shm_size': told('shm_size', '64m'),
  'build.ssh': refused({ build: { context: '/src', ssh: ['default'] } }, 'build.ssh[0]'),
  'build.tags': build({ tags: ['other:1'] }, { tags: ['img', 'other:1'] }),
  'build.target': build({ target: 'dev' }, { target: 'dev' }),
  'build.ulimits': told('ulimits', { nofile: 10 }),
}
