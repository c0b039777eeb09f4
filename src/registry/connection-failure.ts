// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { worthRetrying } from './retry-verdict.js'

const certificateCodes =
  /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|ERR_OSSL_|ERR_SSL_TLSV1|ERR_SSL_SSLV3|ERR_SSL_CERT)/
const noTlsCodes =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|RECORD_LAYER_FAILURE)/

const codeOf = (error: unknown): string => {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth++) {
    const code: unknown = Reflect.get(at, 'code')
    if (typeof code === 'string' && code !== 'ECONNRESET') return code
    const [first] = (Reflect.get(at, 'errors') as readonly unknown[] | undefined) ?? []
    const next = Reflect.get(at, 'cause') ?? first
    if (next === undefined && typeof code === 'string') return code
    at = next
  }
  return ''
}

/** Whether a connection failed since the other side does not speak TLS, or nobody does at that port. */
export function speaksNoTls(failure: unknown): boolean {
  if (!EngineError.is(failure)) return false
  const message = failure.cause instanceof Error ? failure.cause.message : ''
  const code = failure.errno ?? ''
  if (noTlsCodes.test(code) || code === 'EPROTO' || code === 'ECONNREFUSED') return true
  return /before secure TLS connection/.test(message)
}

/** The error for a connection that did not come about, or broke. What undici says is its cause. */
export function connectionFailure(error: unknown, host: string): EngineError {
  if (EngineError.is(error)) return error
  const code = codeOf(error)
  const fields = { step: 'registry', object: host, errno: code || undefined, cause: error } as const
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    const failure = new EngineError({
      ...fields,
      code: 'ERR_REGISTRY_HOST_UNKNOWN',
      message: `${host}: no such host${code === 'EAI_AGAIN' ? ' (name resolution failed)' : ''}`,
      hint: 'check the spelling of the registry, and DNS',
    })
    return code === 'EAI_AGAIN' ? worthRetrying(failure) : failure
  }
  if (certificateCodes.test(code) || noTlsCodes.test(code) || code === 'EPROTO') {
    const wrongName = code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    return new EngineError({
      ...fields,
      code: 'ERR_REGISTRY_TLS',
      message: `${host}: no trusted connection: ${code}`,
      hint: noTlsCodes.test(code)
        ? `if it speaks plain http, allow that: registries: { '${host}': { plainHttp: true } }`
        : wrongName
          ? 'the certificate is made for another name'
          : `give its authority: registries: { '${host}': { ca } }, or clientCertificate and clientKey if it asks for one`,
    })
  }
  return worthRetrying(
    new EngineError({
      ...fields,
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: `${host} cannot be reached: ${code || 'the connection broke'}`,
      hint: 'check that it runs, the port, the network and the proxy settings',
    }),
  )
}
