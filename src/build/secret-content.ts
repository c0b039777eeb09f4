// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { BuildSecret } from './build-options.js'

/** The content of a secret, wherever it is. ERR_INVALID_ARGUMENT where its variable is not set, or its file cannot be read. */
export async function secretContent(secret: BuildSecret, id: string): Promise<string | Uint8Array> {
  if (typeof secret === 'string' || secret instanceof Uint8Array) return secret
  if ('file' in secret) return await readSecret(secret.file, id)
  const value = process.env[secret.env]
  if (value !== undefined) return value
  throw new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `there is no secret ${quoted(id)}`,
    object: id,
    hint: `set the variable ${secret.env}`,
  })
}

async function readSecret(file: string, id: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: `the file of the secret ${quoted(id)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      option: 'secrets',
      cause,
    })
  }
}
