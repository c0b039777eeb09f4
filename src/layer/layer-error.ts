// SPDX-License-Identifier: Apache-2.0
import { EngineError, type PlainErrorCode } from '../errors/engine-error.js'
import { unmappedId } from '../errors/unmapped-id.js'

interface Meaning {
  readonly code: PlainErrorCode
  readonly hint?: string
}

// What an entry of a hostile or broken archive makes the kernel say, besides the errors that the general table knows.
const entryErrors = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ENOTEMPTY',
  'EMLINK',
  'EBADMSG',
  'EINVAL',
  'ELOOP',
  'EXDEV',
]

/**
 * A worker's failure in the words of layers: malformed content is ERR_LAYER_INVALID and names the entry, a wrong size is
 * ERR_DIGEST_MISMATCH like a wrong digest, an owner that cannot be had ERR_USER_UNMAPPED. Anything else stays as it is.
 */
export function layerError(error: unknown): unknown {
  if (!EngineError.is(error)) return error
  const meaning = meaningOf(error.step, error.errno, error.object)
  if (meaning === undefined || meaning.code === error.code) return error
  const { message, step, errno, object } = error
  return new EngineError({ ...meaning, hint: meaning.hint ?? error.hint, message, step, errno, object, cause: error })
}

function meaningOf(step = '', errno = '', object = ''): Meaning | undefined {
  if (errno === 'EBADMSG' && step.startsWith('verify ')) return { code: 'ERR_DIGEST_MISMATCH' }
  if (errno === 'EBADMSG' && (step === 'decompress' || step === 'read tar')) return { code: 'ERR_LAYER_INVALID' }
  if (step !== 'unpack layer') return undefined
  if (object.startsWith('unmapped owner')) return unmappedId
  return entryErrors.includes(errno) ? { code: 'ERR_LAYER_INVALID' } : undefined
}
