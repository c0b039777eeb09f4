// SPDX-License-Identifier: Apache-2.0
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import { dockerHub, dockerHubKey } from './registry-host.js'
import type { RegistryAuth } from './registry-options.js'

/** What docker's config.json, or podman's auth.json, says of credentials. */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, RegistryAuth>
  /** Names of helpers by registry. */
  readonly credHelpers: ReadonlyMap<string, string>
  readonly credsStore: string | undefined
}

const names = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io']

/** Reads such a file; ERR_IMAGE_INVALID where it is no such file. Entries that make no sense are left out. */
export function parseDockerConfig(data: Uint8Array | string): DockerConfig {
  const fields = new Fields(parseUntrustedJson(data, 'config.json'), 'config.json')
  const auths = new Map<string, RegistryAuth>()
  const given = fields.object('auths')
  for (const key of given ? (fields.keySet('auths') ?? []) : []) {
    const entry = given?.object(key)
    const auth = entry && readAuth(entry)
    if (auth) auths.set(normalized(key), auth)
  }
  const helpers = Object.entries(fields.stringMap('credHelpers') ?? {})
  return {
    auths,
    credHelpers: new Map(helpers.map(([key, name]) => [normalized(key), name])),
    credsStore: fields.string('credsStore') || undefined,
  }
}

/** The credentials in the file's own entries; podman's may be for a part of a registry, and the longest wins. */
export function authIn(config: DockerConfig, host: string, repository: string | undefined): RegistryAuth | undefined {
  const parts = repository === undefined ? [] : repository.split('/')
  for (let count = parts.length; count >= 0; count--) {
    const found = config.auths.get([host, ...parts.slice(0, count)].join('/'))
    if (found) return found
  }
  return undefined
}

/** The helper that the file names for that registry. */
export function helperIn(config: DockerConfig, host: string): string | undefined {
  return config.credHelpers.get(host) ?? config.credsStore
}

/** What docker calls the registry in its files and to helpers. */
export function serverKey(host: string): string {
  return host === dockerHub ? dockerHubKey : host
}

/** All keys under which a file may have the registry. */
export function serverKeys(host: string): readonly string[] {
  return host === dockerHub
    ? names
    : [host, `https://${host}`, `http://${host}`, `https://${host}/v1/`, `https://${host}/v2/`]
}

// Keys are hosts, or URLs as docker wrote them: with scheme and /v1/.
function normalized(key: string): string {
  const plain = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  return names.includes(plain) ? dockerHub : plain
}

function readAuth(entry: Fields): RegistryAuth | undefined {
  const identityToken = entry.string('identitytoken')
  if (identityToken) return { identityToken }
  const bearerToken = entry.string('registrytoken')
  if (bearerToken) return { bearerToken }
  const encoded = entry.string('auth')
  const pair = encoded
    ? decodePair(encoded)
    : { username: entry.string('username'), password: entry.string('password') }
  const { username, password } = pair
  return username && password !== undefined ? { username, password } : undefined
}

function decodePair(encoded: string): { readonly username?: string; readonly password?: string } {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return {}
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') }
}
