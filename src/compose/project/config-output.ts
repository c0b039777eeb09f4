// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml'
import type { ProjectModel } from '../model/project-model.js'

/** The form in which a project is printed. */
export type ConfigFormat = 'yaml' | 'json'

const sections = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'] as const
const sizes = new Set(['mem_limit', 'mem_reservation', 'memswap_limit', 'shm_size', 'memory', 'size', 'rate'])
const hosts = new Set(['extra_hosts'])

/** The project as one file that loads to the same project, with sorted keys, sizes and modes as text, and what env files said in `environment`. */
export function configText(model: ProjectModel, format: ConfigFormat): string {
  const document: Record<string, unknown> = { name: model.name }
  for (const section of sections) {
    if (section === 'services' || Object.keys(model[section]).length > 0)
      document[section] = written(withoutDerived(section, model[section]))
  }
  for (const key of Object.keys(model).sort()) if (key.startsWith('x-')) document[key] = model[key as 'x-']
  if (format === 'json') return `${JSON.stringify(document, null, 2)}\n`
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.2', compat: 'yaml-1.1' })
}

// What was derived: contents out of the environment, files that are part of other keys now.
function withoutDerived(section: (typeof sections)[number], resources: object): object {
  const drop = section === 'services' ? ['env_file', 'label_file'] : []
  const entries = Object.entries(resources).map(([name, resource]) => {
    const derived =
      section === 'secrets' || section === 'configs' ? (resource.environment === undefined ? [] : ['content']) : drop
    return [name, Object.fromEntries(Object.entries(resource).filter(([key]) => !derived.includes(key)))] as const
  })
  return Object.fromEntries(entries)
}

function written(value: unknown, key = ''): unknown {
  if (key === 'ssh' && Array.isArray(value))
    return value.map(({ id, path }) => (path === '' ? id : `${id}=${escaped(path)}`))
  if (Array.isArray(value)) return value.map((entry) => written(entry, key))
  if (typeof value === 'string') return escaped(value)
  if (key === 'mode' && typeof value === 'number') return `0${value.toString(8)}`
  if (sizes.has(key) && typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (hosts.has(key)) return hostLines(value as Readonly<Record<string, readonly string[]>>)
  const keys = Object.keys(value).sort()
  return Object.fromEntries(
    keys.map((name) => [
      name,
      name.startsWith('x-') ? extension(Reflect.get(value, name)) : written(Reflect.get(value, name), name),
    ]),
  )
}

const extension = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner) => (typeof inner === 'string' ? escaped(inner) : inner))

// A dollar would begin a variable when the text is loaded again.
const escaped = (text: string): string => text.replaceAll('$', '$$$$')

const hostLines = (value: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(value).flatMap(([host, addresses]) => addresses.map((address) => `${host}=${address}`))
