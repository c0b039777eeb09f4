// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { SecretMount } from '../graph/run-mount.js'
import { secretContent } from '../secret-content.js'
import { missingResource } from './missing-resource.js'
import type { Mounting } from './run-surroundings.js'

// BuildKit's.
const maxBytes = 500 * 1024
const defaultMode = 0o400

/** A secret is a variable, or a file in memory, or both: on no disk, in no layer, in no record, whoever is killed. */
export async function addSecret(
  { options: { secrets = {} }, surroundings }: Mounting,
  { id, target, env, required, mode = defaultMode, uid = 0, gid = 0 }: SecretMount,
): Promise<void> {
  const secret = Object.hasOwn(secrets, id) ? secrets[id] : undefined
  if (secret === undefined) {
    if (required) throw missingResource('secret', id, `secrets: { ${quoted(id)}: … }`)
    return
  }
  const content = Buffer.from(await secretContent(secret, id))
  if (content.byteLength > maxBytes) throw tooLarge(id, content.byteLength)
  if (env !== undefined) surroundings.env[env] = content.toString()
  if (target !== undefined)
    surroundings.secrets.push({ path: target, content: content.toString('base64'), mode, uid, gid })
}

function tooLarge(id: string, bytes: number): EngineError {
  return new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `the secret ${quoted(id)} has ${bytes} bytes, and may have ${maxBytes}`,
    option: 'secrets',
    hint: 'mount a named context: RUN --mount=type=bind,from=…',
  })
}
