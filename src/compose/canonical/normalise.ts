// SPDX-License-Identifier: Apache-2.0
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'

/**
 * Adds to a canonical model what compose takes for granted, in place: the default network, names outside of the project, the dependencies
 * that links and shared namespaces are, the Dockerfile.
 */
export function normalise(model: TreeMap, name: string, environment: ReadonlyMap<string, string>): void {
  model.name = name
  const services = isMap(model.services) ? Object.values(model.services).filter(isMap) : []
  for (const service of services) {
    normaliseBuild(service, environment)
    if (service.pull_policy === 'if_not_present') service.pull_policy = 'missing'
    attachToDefault(service)
    addDependencies(service)
  }
  if (services.some(({ networks }) => isMap(networks) && 'default' in networks)) {
    model.networks ??= makeMap()
    if (isMap(model.networks)) model.networks.default ??= makeMap()
  }
  for (const section of ['networks', 'volumes', 'configs', 'secrets']) setNames(model[section], name)
}

function normaliseBuild({ build }: TreeMap, environment: ReadonlyMap<string, string>): void {
  if (!isMap(build)) return
  if (build.dockerfile_inline === undefined) build.dockerfile ??= 'Dockerfile'
  if (!isMap(build.args)) return
  for (const [key, value] of Object.entries(build.args)) {
    const found = value ?? environment.get(key)
    if (found === undefined) delete build.args[key]
    else build.args[key] = found
  }
}

function attachToDefault(service: TreeMap): void {
  const isAttached = isMap(service.networks) && Object.keys(service.networks).length > 0
  if (isAttached || service.network_mode !== undefined || service.provider !== undefined) return
  service.networks = makeMap([['default', null]])
}

function addDependencies(service: TreeMap): void {
  const add = (name: string, restart: boolean): void => {
    service.depends_on ??= makeMap()
    if (isMap(service.depends_on)) {
      service.depends_on[name] ??= makeMap([
        ['condition', 'service_started'],
        ['restart', restart],
        ['required', true],
      ])
    }
  }
  for (const link of texts(service.links)) add(link.split(':', 1)[0] ?? link, true)
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const value = service[key]
    if (typeof value === 'string' && value.startsWith('service:')) add(value.slice('service:'.length), true)
  }
  for (const from of texts(service.volumes_from))
    if (!from.startsWith('container:')) add(from.split(':', 1)[0] ?? from, false)
}

const texts = (value: Tree | undefined): readonly string[] =>
  isList(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []

function setNames(section: Tree | undefined, project: string): void {
  if (!isMap(section)) return
  for (const key of Object.keys(section)) {
    section[key] ??= makeMap()
    const resource = section[key]
    if (isMap(resource)) resource.name ??= resource.external === true ? key : `${project}_${key}`
  }
}
