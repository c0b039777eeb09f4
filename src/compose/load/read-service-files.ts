// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'
import { isMissingFile, readEnvFile } from '../environment/read-env-file.js'
import { interpolationOf, type LoadContext } from './load-context.js'

/** Adds to the services what their env files and label files say, in place: what the service itself says wins, and later files win over earlier ones. */
export async function readServiceFiles(services: TreeMap, context: LoadContext): Promise<void> {
  for (const [name, service] of Object.entries(services)) {
    if (!isMap(service)) continue
    const from = { services, name, context }
    const variables = await valuesOf(service.env_file, 'env_file', from)
    if (variables.size > 0 || service.environment !== undefined)
      service.environment = under(variables, service.environment)
    const labels = await valuesOf(service.label_file, 'label_file', from)
    if (labels.size > 0) service.labels = under(labels, service.labels)
  }
}

interface From {
  readonly services: TreeMap
  readonly name: string
  readonly context: LoadContext
}

async function valuesOf(
  files: Tree | undefined,
  key: string,
  { services, name, context }: From,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  const { environment, session } = context
  for (const [index, file] of isList(files) ? files.entries() : []) {
    const { path, required, format } = isMap(file) ? file : makeMap([['path', file]])
    if (typeof path !== 'string') continue
    // Later files see the variables of earlier ones, but the environment first.
    const interpolation = {
      ...interpolationOf(context),
      lookup: (variable: string) => environment.get(variable) ?? values.get(variable),
    }
    try {
      const read = await readEnvFile({
        path,
        format: typeof format === 'string' ? format : undefined,
        interpolation,
        signal: session.signal,
      })
      for (const [variable, value] of read) values.set(variable, value)
    } catch (cause) {
      if (!isMissingFile(cause)) throw cause
      if (required === false) continue
      const at = ['services', name, key, index]
      throw composeInvalid({
        root: makeMap([['services', services]]),
        path: at,
        problem: `${key.replace('_', ' ')} ${path} not found`,
        hint: 'make it, or say required: false',
        cause,
      })
    }
  }
  return values
}

function under(values: ReadonlyMap<string, string>, own: Tree | undefined): TreeMap {
  const result = makeMap(values)
  for (const [key, value] of Object.entries(isMap(own) ? own : {}))
    if (value !== null || !(key in result)) result[key] = value
  return result
}
