// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { CredentialQuery } from './credential-store.js'
import { checkAuth, type IdentityTokenAuth, type PasswordAuth, type RegistryAuth } from './registry-options.js'

/**
 * Knows credentials of registries: given to {@link Engine.open} as `plugins: { credentials: driver }`. What it throws is the cause of an
 * ERR_CREDENTIALS, as what was asked for may not be public.
 */
export interface CredentialDriver {
  /** Who we are to that host; undefined: it does not know, and docker's config.json is asked. */
  get(query: CredentialQuery): RegistryAuth | undefined | Promise<RegistryAuth | undefined>
  /** Keeps what `Registry.login` was given, which is in the hands of docker's config.json without it. */
  store?(host: string, auth: PasswordAuth | IdentityTokenAuth): void | Promise<void>
  /** Forgets that, for `Registry.logout`. */
  erase?(host: string): void | Promise<void>
}

/** Has a driver do something, under an error that says so. What it says is checked, and never shown. */
export async function askCredentialDriver<T>(host: string, action: string, ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new EngineError({
      code: 'ERR_CREDENTIALS',
      message: `the credential driver could not ${action} the credentials for ${host}: ${cause instanceof Error ? cause.message : 'it failed'}`,
      object: host,
      cause,
    })
  }
}

/** What the driver knows of a host. */
export async function credentialsOf(
  driver: CredentialDriver,
  query: CredentialQuery,
): Promise<RegistryAuth | undefined> {
  return await askCredentialDriver(query.host, 'find', async () => {
    const auth = (await driver.get(query)) ?? undefined
    if (auth !== undefined) checkAuth(auth, 'credentials')
    return auth
  })
}
