// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { type PropertyRow, type PropertyRows, parent, web } from '../property-row.js'

const volume = (properties: object, expected: object): PropertyRow => ({
  document: web({ volumes: ['one:/in'] }, { volumes: { one: properties } }),
  volume: expected,
})
const externalVolume = (external: object): PropertyRow => ({
  document: web({ volumes: ['one:/in'] }, { volumes: { one: external } }),
  container: { mounts: [{ type: 'volume', source: 'there', target: '/in' }] },
})

/** Configs and secrets have the same rules. */
const contentRows = (section: 'configs' | 'secrets'): PropertyRows => {
  const project = (content: object) => web({ [section]: ['one'] }, { [section]: { one: content } })
  const refusedAt = (content: object): PropertyRow => ({
    document: project(content),
    refused: `${section}.one.external`,
  })
  const told = (properties: object, key: string): PropertyRow => ({
    document: project({ environment: 'HELD', ...properties }),
    reported: `${section}.one.${key}`,
  })
  const bound = [{ type: 'bind', source: expect.stringMatching(/secret$/), readonly: true }]
  return {
    [section]: parent,
    [`${section}.*.environment`]: {
      document: project({ environment: 'HELD' }),
      container: ({ files }) => expect(files).toMatchObject([{ content: 'here' }]),
    },
    [`${section}.*.external`]: refusedAt({ external: true }),
    [`${section}.*.external.name`]: refusedAt({ external: { name: 'there' } }),
    [`${section}.*.file`]: {
      document: project({ file: './secret' }),
      container: ({ mounts }) => expect(mounts).toMatchObject(bound),
    },
    [`${section}.*.labels`]: told({ labels: { a: 'b' } }, 'labels'),
    [`${section}.*.name`]: told({ name: 'own' }, 'name'),
    [`${section}.*.template_driver`]: told({ template_driver: 'golang' }, 'template_driver'),
  }
}

const included = (include: unknown, label: string): PropertyRow => ({
  document: web({}, { include: [include] }),
  kept: { path: 'services.part.labels', value: { held: label } },
})

/** What is at top level beside services and networks. */
export const projectRows: PropertyRows = {
  version: { document: web({}, { version: '3.8' }), reported: 'version' },
  name: { document: web({}, { name: 'own' }), container: { name: 'own-web-1' } },
  services: parent,
  include: included('./part/compose.yaml', 'nothing'),
  'include.path': included({ path: './part/compose.yaml' }, 'nothing'),
  'include.env_file': included({ path: './part/compose.yaml', env_file: './given.env' }, '1'),
  'include.project_directory': included({ path: './part/compose.yaml', project_directory: './own' }, 'other'),
  models: {
    document: web({ models: ['llm'] }, { models: { llm: { model: 'ai/x', context_size: 1 } } }),
    reported: 'services.web.models',
  },
  volumes: parent,
  'volumes.*.driver': volume({ driver: 'plugged' }, { driver: 'plugged' }),
  'volumes.*.driver_opts': volume(
    { driver_opts: { type: 'tmpfs', o: 'size=64m' } },
    { options: { type: 'tmpfs', o: 'size=64m' } },
  ),
  'volumes.*.external': externalVolume({ external: true, name: 'there' }),
  'volumes.*.external.name': externalVolume({ external: { name: 'there' } }),
  'volumes.*.labels': volume(
    { labels: { a: 'b' } },
    { labels: { a: 'b', 'com.docker.compose.volume': 'one', 'com.docker.compose.project': 'shop' } },
  ),
  'volumes.*.name': volume({ name: 'own' }, { name: 'own' }),
  ...contentRows('configs'),
  'configs.*.content': {
    document: web({ configs: ['one'] }, { configs: { one: { content: 'written' } } }),
    container: ({ files }) => expect(files).toMatchObject([{ content: 'written', path: '/one' }]),
  },
  ...contentRows('secrets'),
  'secrets.*.driver': { document: web({}, { secrets: { one: { driver: 'vault' } } }), reported: 'secrets.one.driver' },
  'secrets.*.driver_opts': {
    document: web({}, { secrets: { one: { driver: 'vault', driver_opts: { a: 'b' } } } }),
    reported: 'secrets.one.driver',
  },
}
