// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { RateMessage } from '../native/network-messages.js'
import { type ByteSize, parseByteSize } from '../util/byte-size.js'
import { type Check, check } from '../util/validate.js'

/** How fast a container may send and receive, on each of its networks: bytes a second, from 1k on; `'unlimited'`, the default. */
export interface Rate {
  /** What it sends. */
  readonly egress?: ByteSize | 'unlimited' | undefined
  /** What it receives. Not on networks of macvlan (ERR_UNSUPPORTED). */
  readonly ingress?: ByteSize | 'unlimited' | undefined
}

const leastRate = 1024

function bytesOf(value: ByteSize | 'unlimited', option: string): number {
  if (value === 'unlimited') return 0
  const bytes = parseByteSize(value, option)
  if (bytes < leastRate) throw invalidArgument(option, 'a link carries at least 1k a second')
  return bytes
}

const side: Check = (value, option) => void bytesOf(value as ByteSize, option)

/** Refuses what is no rate. */
export const checkRate: Check = check.object<Rate>({ egress: side, ingress: side })

/** 0: unlimited. */
export function rateMessage({ egress, ingress }: Rate): RateMessage {
  return {
    ...(egress !== undefined && { egress: bytesOf(egress, 'rate.egress') }),
    ...(ingress !== undefined && { ingress: bytesOf(ingress, 'rate.ingress') }),
  }
}
