// SPDX-License-Identifier: Apache-2.0
import { EngineError, type PlainErrorCode } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { longestPauseMs, worthRetrying } from './retry-verdict.js'

/** What a request is about: tells a missing manifest from a missing repository, and people what failed. */
export interface Subject {
  readonly kind: 'registry' | 'repository' | 'manifest' | 'blob'
  /** As people name it: `ghcr.io/owner/name:tag`. */
  readonly name: string
}

/** An answer that is an error. */
export interface BadAnswer {
  /** Who said it: `ghcr.io`, or `mirror.example (mirror of docker.io)`. */
  readonly host: string
  readonly status: number
  /** What the registry calls it: the first error of the body. Null where the body lists none, or is not JSON. */
  readonly error: { readonly code: string; readonly message: string } | null
  readonly retryAfterMs: number | null
  readonly authenticated: boolean
}

const retried = new Set([408, 429, 500, 502, 503, 504])

/** The error for an answer: its code, what the registry said, and the cure. */
export function answerFailure(answer: BadAnswer, subject: Subject): EngineError {
  const code = codeOf(answer, subject)
  const said = [answer.error?.code, answer.error?.message].filter(Boolean).join(': ')
  const error = new EngineError({
    code,
    message: `${subject.name}: ${answer.host} answered ${answer.status}${said ? `: ${quoted(said, 300)}` : ''}`,
    hint: hintOf(code, answer, subject),
    step: 'registry',
    object: subject.name,
  })
  return retried.has(answer.status) && code !== 'ERR_REGISTRY_QUOTA' ? worthRetrying(error, answer.retryAfterMs) : error
}

const byRegistryCode: Readonly<Record<string, PlainErrorCode>> = {
  NAME_UNKNOWN: 'ERR_REGISTRY_REPOSITORY_UNKNOWN',
  MANIFEST_UNKNOWN: 'ERR_REGISTRY_MANIFEST_UNKNOWN',
  BLOB_UNKNOWN: 'ERR_REGISTRY_BLOB_UNKNOWN',
  TOOMANYREQUESTS: 'ERR_REGISTRY_RATE_LIMITED',
  UNSUPPORTED: 'ERR_REGISTRY_UNSUPPORTED',
}

function codeOf({ status, error }: BadAnswer, { kind }: Subject): PlainErrorCode {
  if ([402, 413, 507].includes(status)) return 'ERR_REGISTRY_QUOTA'
  if (status >= 400 && status < 500 && /quota|storage (limit|space)|insufficient storage/i.test(error?.message ?? ''))
    return 'ERR_REGISTRY_QUOTA'
  if (status === 401) return 'ERR_REGISTRY_UNAUTHORIZED'
  if (status === 403) return 'ERR_REGISTRY_DENIED'
  if (status === 429) return 'ERR_REGISTRY_RATE_LIMITED'
  if (status >= 500) return 'ERR_REGISTRY_FAILED'
  const named = error && Object.hasOwn(byRegistryCode, error.code) ? byRegistryCode[error.code] : undefined
  if (named) return named
  if (status === 404) return missing[kind]
  return status === 405 ? 'ERR_REGISTRY_UNSUPPORTED' : 'ERR_REGISTRY_FAILED'
}

const missing = {
  registry: 'ERR_REGISTRY_PROTOCOL',
  repository: 'ERR_REGISTRY_REPOSITORY_UNKNOWN',
  manifest: 'ERR_REGISTRY_MANIFEST_UNKNOWN',
  blob: 'ERR_REGISTRY_BLOB_UNKNOWN',
} as const

function hintOf(code: PlainErrorCode, answer: BadAnswer, subject: Subject): string | undefined {
  const login = `log in: await Registry.get('${subject.name.split('/')[0]}').login({ username, password })`
  switch (code) {
    case 'ERR_REGISTRY_UNAUTHORIZED':
      return answer.authenticated
        ? 'the credentials are wrong, or do not reach that far; give others as auth, or log in again'
        : `the repository does not exist or is not public; ${login}`
    case 'ERR_REGISTRY_DENIED':
      return answer.authenticated ? 'ask the owner of the repository for access' : login
    case 'ERR_REGISTRY_REPOSITORY_UNKNOWN':
      return 'check the name of the repository; a private one may need a login'
    case 'ERR_REGISTRY_MANIFEST_UNKNOWN':
      return 'check tag and digest; Registry.get(host).tags(repository) lists the tags'
    case 'ERR_REGISTRY_RATE_LIMITED':
      return `wait ${pauseText(answer.retryAfterMs)}, use a mirror, or log in where that raises the limit`
    case 'ERR_REGISTRY_QUOTA':
      return 'make room in the account at the registry, or push less'
    case 'ERR_REGISTRY_UNSUPPORTED':
      return 'the registry has this switched off or does not know it'
    case 'ERR_REGISTRY_PROTOCOL':
      return 'is that host a registry?'
    default:
      return undefined
  }
}

function pauseText(pauseMs: number | null): string {
  if (pauseMs === null) return 'a while'
  return pauseMs > longestPauseMs ? `until ${new Date(Date.now() + pauseMs).toISOString()}` : `${pauseMs / 1000} s`
}

/** The error for an answer that cannot be used. */
export function protocolFailure(host: string, problem: string, cause?: unknown): EngineError {
  const fields = {
    code: 'ERR_REGISTRY_PROTOCOL',
    message: `${host}: ${problem}`,
    step: 'registry',
    object: host,
  } as const
  return new EngineError(cause === undefined ? fields : { ...fields, cause })
}

/** The error for a host that keeps us waiting. */
export function stalled(host: string, timeoutMs: number): EngineError {
  return worthRetrying(
    new EngineError({
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: `${host} does not get on: (almost) nothing came for ${timeoutMs / 1000} s`,
      hint: 'check the network, or raise timeoutMs of the host in registries',
      step: 'registry',
      errno: 'ETIMEDOUT',
      object: host,
    }),
  )
}
