// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { ByteSize } from '../util/byte-size.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { canonicalHost } from './registry-host.js'

/** A name and a password, or a personal access token in place of one. */
export interface PasswordAuth {
  /** Without a colon. */
  readonly username: string
  /** The password, or the token in its place. */
  readonly password: string
}

/** A refresh token: the registry's token service trades it for short-lived ones (OAuth 2). */
export interface IdentityTokenAuth {
  /** As `docker login` keeps it. */
  readonly identityToken: string
}

/** A token that goes to the registry as it is. */
export interface BearerTokenAuth {
  /** What stands behind `Bearer`. */
  readonly bearerToken: string
}

/** Who we are to a registry; `'anonymous'` also where credentials are stored. */
export type RegistryAuth = PasswordAuth | IdentityTokenAuth | BearerTokenAuth | 'anonymous'

/** PEM text, or the absolute path of a file with it. */
export type Pem = string | Uint8Array

/** How one registry host is reached. Also for hosts of token services, mirrors and storage. */
export interface RegistryHostOptions {
  /** Asked first, in this order, for pulls: a host, or a URL with scheme and path. Whatever goes wrong there, the next one is asked. */
  readonly mirrors?: readonly string[] | undefined
  /** Allows http where the host does not speak https; hosts on loopback may always. False by default. */
  readonly plainHttp?: boolean | undefined
  /** Certificate authorities to trust here, beside the usual ones. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** A certificate that proves who we are, with `clientKey`. */
  readonly clientCertificate?: Pem | undefined
  /** The private key of `clientCertificate`. */
  readonly clientKey?: Pem | undefined
  /** Goes before what docker's config.json and credential helpers have. */
  readonly auth?: RegistryAuth | undefined
  /** Where to connect instead, as `address:port`; name and certificate stay those of the host. */
  readonly connectTo?: string | undefined
  /** How long the host may keep us waiting without getting on, in milliseconds; 30,000 by default. */
  readonly timeoutMs?: number | undefined
  /** Blobs above this size are pushed in pieces of it; 64 MiB by default. */
  readonly uploadChunkSize?: ByteSize | undefined
}

/** Registries by host, as image names have it (`ghcr.io`, `localhost:5000`; `docker.io` for Docker Hub). */
export type RegistryOptions = Readonly<Record<string, RegistryHostOptions>>

const pem: Check = (value, option) => {
  if (value instanceof Uint8Array || (typeof value === 'string' && /^\/|-----BEGIN /.test(value))) return
  throw invalidArgument(option, 'expected PEM text or the absolute path of a file with it')
}

/** Refuses what is no {@link RegistryAuth}; never shows the value. */
export const checkAuth: Check = (value, option) => {
  if (value === 'anonymous') return
  const kinds: readonly (readonly string[])[] = [['username', 'password'], ['identityToken'], ['bearerToken']]
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const kind = kinds.find((members) => members.length === keys.length && members.every((key) => keys.includes(key)))
  if (kind === undefined)
    throw invalidArgument(
      option,
      'expected credentials',
      "give { username, password }, { identityToken }, { bearerToken } or 'anonymous'",
    )
  for (const key of kind) {
    const member: unknown = Reflect.get(value as object, key)
    if (typeof member !== 'string' || member === '' || /[\0\r\n]/.test(member))
      throw invalidArgument(`${option}.${key}`, 'expected a string without line breaks that is not empty')
    if (key === 'username' && member.includes(':')) throw invalidArgument(`${option}.${key}`, 'must not have a colon')
  }
}

const mirror: Check = (value, option) => {
  const text = typeof value === 'string' ? value : ''
  const url = text.includes('://') ? text : `https://${text}`
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || text === '' || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw invalidArgument(
      option,
      'expected a host or an http(s) URL',
      "write 'mirror.example:5000' or 'https://mirror.example/path'",
    )
  if (parsed.username !== '' || parsed.password !== '')
    throw invalidArgument(option, 'must not have credentials', "give them as registries['mirror.example'].auth")
}

const hostShape: Shape<RegistryHostOptions> = {
  mirrors: check.arrayOf(mirror, 32),
  plainHttp: check.boolean,
  ca: (value, option) => (Array.isArray(value) ? check.arrayOf(pem, 256)(value, option) : pem(value, option)),
  clientCertificate: pem,
  clientKey: pem,
  auth: checkAuth,
  connectTo: check.matching(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'an address and a port'),
  timeoutMs: check.integer({ min: 1, max: 2 ** 31 - 1 }),
  uploadChunkSize: check.byteSize,
}

/** Refuses malformed options of registries. */
export const checkRegistryOptions: Check = (value, option) => {
  check.recordOf((host, at) => {
    checkOptions<RegistryHostOptions>(host, hostShape, at)
    if ((host?.clientCertificate === undefined) !== (host?.clientKey === undefined))
      throw invalidArgument(at, 'clientCertificate and clientKey belong together')
  })(value, option)
  for (const host of Object.keys(value as object)) canonicalHost(host, option)
}
