// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import { protocolFailure } from './registry-failure.js'

/** The object in a body; what it is not is ERR_REGISTRY_PROTOCOL naming who sent it. */
export function readJson<T>(
  body: Uint8Array,
  { host, what, maxBytes }: { readonly host: string; readonly what: string; readonly maxBytes?: number },
  read: (fields: Fields) => T,
): T {
  try {
    return read(new Fields(parseUntrustedJson(body, what, { maxBytes }), what))
  } catch (cause) {
    if (EngineError.is(cause) && cause.code !== 'ERR_IMAGE_INVALID') throw cause
    throw protocolFailure(host, `malformed ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

/** The first error of a body in the form of the distribution specification; null for any other body. */
export function firstError(body: Uint8Array): { readonly code: string; readonly message: string } | null {
  try {
    const fields = new Fields(parseUntrustedJson(body, 'error'), '')
    const [first] = fields.array('errors', 1000, (value, path) => new Fields(value, path)) ?? []
    // Token services answer in words of their own.
    const [code, message] = first
      ? [first.string('code'), first.string('message')]
      : [fields.string('error'), fields.string('details') ?? fields.string('message')]
    return code === undefined && message === undefined ? null : { code: code ?? '', message: message ?? '' }
  } catch {
    return null
  }
}
