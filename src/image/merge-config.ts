// SPDX-License-Identifier: Apache-2.0
import type { ImageConfig } from '../oci/image-config.js'

/**
 * A config with changes over it: variables by their name, labels by their key, ports and volumes are added; all else replaces. A
 * new entrypoint without a new command leaves none, since the old one was for the old entrypoint.
 */
export function mergeConfig(base: ImageConfig, changes: ImageConfig): ImageConfig {
  const { env, labels, exposedPorts, volumes, ...replaced } = changes
  const cmd = changes.entrypoint !== undefined && changes.cmd === undefined ? undefined : base.cmd
  return {
    ...base,
    cmd,
    ...withoutUndefined(replaced),
    env: env === undefined ? base.env : mergeEnv(base.env ?? [], env),
    labels: labels === undefined ? base.labels : { ...base.labels, ...labels },
    exposedPorts: union(base.exposedPorts, exposedPorts?.map(withProtocol)),
    volumes: union(base.volumes, volumes),
  }
}

function mergeEnv(base: readonly string[], changes: readonly string[]): readonly string[] {
  const byName = new Map([...base, ...changes].map((entry) => [entry.slice(0, entry.indexOf('=')), entry]))
  return [...byName.values()]
}

function union(base: readonly string[] | undefined, added: readonly string[] | undefined) {
  return added === undefined ? base : [...new Set([...(base ?? []), ...added])]
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
