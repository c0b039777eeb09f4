// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import type { RegistryAuth } from './registry-options.js'

/** The text without the secrets, in case a registry sends back what we sent. */
export function scrub(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***')
  return clean
}

/** The value of `Authorization: Basic`. */
export function basicCredentials(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

/** Everything in there that must not be shown, in every form in which it is sent. */
export function secretsOf(auth: RegistryAuth | undefined): readonly string[] {
  if (auth === undefined || auth === 'anonymous') return []
  if ('identityToken' in auth) return [auth.identityToken]
  if ('bearerToken' in auth) return [auth.bearerToken]
  return [basicCredentials(auth.username, auth.password), auth.password]
}

/** Tells one identity from another without keeping it. */
export function identityKey(auth: RegistryAuth | undefined): string {
  if (auth === undefined) return 'stored'
  if (auth === 'anonymous') return auth
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(auth).sort()))
    .digest('hex')
}
