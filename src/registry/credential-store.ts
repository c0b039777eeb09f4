// SPDX-License-Identifier: Apache-2.0
import { debugLog } from '../util/debug-log.js'
import {
  changeCredentialFile,
  credentialFiles,
  loginFile,
  readCredentialFile,
  readCredentialFileIfSound,
} from './credential-files.js'
import { eraseFromHelper, getFromHelper, storeInHelper } from './credential-helper.js'
import { authIn, helperIn, serverKey, serverKeys } from './docker-config.js'
import type { PasswordAuth, RegistryAuth } from './registry-options.js'
import { basicCredentials } from './secrets.js'

/** Which registry, or which repository of it, credentials are for. */
export interface CredentialQuery {
  /** As image names have it: `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly host: string
  /** Without the host: `library/debian`. Undefined: what is asked concerns the whole registry. */
  readonly repository?: string | undefined
  /** Aborted: nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The credentials that are stored for a registry: file by file, and in each the helper of that registry before the general one before the
 * file's own entries. A file or helper that does not work is passed over: what is asked may be public.
 */
export async function findCredentials({
  host,
  repository,
  signal,
}: CredentialQuery): Promise<RegistryAuth | undefined> {
  for (const path of credentialFiles()) {
    const config = await readCredentialFileIfSound(path)
    if (config === null) continue
    const helper = helperIn(config, host)
    const found = (helper && (await askHelper(helper, host, signal))) || authIn(config, host, repository)
    if (found) return found
  }
  return undefined
}

/** Keeps credentials as `docker login` does: in the helper that config.json names, else in that file. */
export async function storeCredentials(
  host: string,
  auth: PasswordAuth | { readonly identityToken: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = loginFile()
  const config = await readCredentialFile(path)
  const helper = config && helperIn(config, host)
  const server = serverKey(host)
  if (helper) {
    const pair =
      'identityToken' in auth
        ? { username: '<token>', secret: auth.identityToken }
        : { username: auth.username, secret: auth.password }
    await storeInHelper(helper, server, { ...pair, signal })
  }
  await changeCredentialFile(path, (content) => setEntry(content, server, helper ? {} : entryOf(auth)))
}

/** Removes what is stored for a registry from that helper and that file; whether there was anything in the file. */
export async function eraseCredentials(host: string, signal: AbortSignal | undefined): Promise<void> {
  const path = loginFile()
  const config = await readCredentialFile(path)
  if (config === null) return
  const helper = helperIn(config, host)
  if (helper) await eraseFromHelper(helper, serverKey(host), signal)
  await changeCredentialFile(path, (content) => {
    for (const key of serverKeys(host)) dropEntry(content, key)
  })
}

async function askHelper(
  helper: string,
  host: string,
  signal: AbortSignal | undefined,
): Promise<RegistryAuth | undefined> {
  try {
    return await getFromHelper(helper, serverKey(host), signal)
  } catch (error) {
    signal?.throwIfAborted()
    debugLog('credentials: %s', error instanceof Error ? error.message : error)
    return undefined
  }
}

function entryOf(auth: PasswordAuth | { readonly identityToken: string }): object {
  if ('identityToken' in auth) return { auth: basicCredentials('<token>', ''), identitytoken: auth.identityToken }
  return { auth: basicCredentials(auth.username, auth.password) }
}

function setEntry(content: Record<string, unknown>, server: string, entry: object): void {
  const auths = (typeof content.auths === 'object' && content.auths) || {}
  content.auths = { ...auths, [server]: entry }
}

function dropEntry(content: Record<string, unknown>, key: string): void {
  if (typeof content.auths === 'object' && content.auths !== null) Reflect.deleteProperty(content.auths, key)
}
