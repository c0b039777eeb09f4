// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { ImageConfig, ImageHealthcheck } from '../oci/image-config.js'
import { canonicalReference, parseReference, withDefaultTag } from '../oci/reference.js'
import { check, type Shape } from '../util/validate.js'

const strings = check.arrayOf(check.string)
const healthcheck: Shape<ImageHealthcheck> = {
  test: strings,
  intervalMs: check.timeoutMs,
  timeoutMs: check.timeoutMs,
  startPeriodMs: check.timeoutMs,
  startIntervalMs: check.timeoutMs,
  retries: check.integer({ min: 0, max: 1_000_000 }),
}
const configShape: Shape<ImageConfig> = {
  user: check.string,
  exposedPorts: check.arrayOf(check.matching(/^\d{1,5}(\/(tcp|udp|sctp))?$/, 'a port such as 80/tcp')),
  env: check.arrayOf(check.matching(/^[^=\0]+=[^\0]*$/, 'NAME=value')),
  entrypoint: strings,
  cmd: strings,
  volumes: check.arrayOf(check.matching(/^\/[^\0]*$/, 'an absolute path')),
  workingDir: check.matching(/^(\/[^\0]*)?$/, 'an absolute path'),
  labels: check.recordOf(check.string),
  stopSignal: check.matching(/^(SIG)?[A-Z0-9+]{1,20}$/, 'a name of a signal'),
  healthcheck: check.object(healthcheck),
  shell: strings,
  onBuild: strings,
}

/** A config that the user gave. */
export const checkConfig = check.object(configShape)

/** A name that the user wants to give, as a reference in full. A digest cannot be given: ERR_INVALID_REFERENCE. */
export function fullTag(tag: string, option = 'tag'): string {
  if (typeof tag !== 'string') throw invalidArgument(option, `expected a reference, got ${quoted(tag)}`)
  const reference = parseReference(tag)
  if (reference.digest === undefined) return canonicalReference(withDefaultTag(reference))
  throw new EngineError({
    code: 'ERR_INVALID_REFERENCE',
    message: `${quoted(tag, 300)} has a digest, which cannot be chosen`,
    hint: 'write [registry/]name[:tag]',
    option,
  })
}
