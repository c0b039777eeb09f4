// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os'

const last = 64

/** Whether Docker takes it as a signal: a number, or a name with or without SIG, real-time ones relative to the first or the last. */
export function isStopSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= last
  const name = text.toUpperCase().replace(/^SIG/, '')
  const [, edge, offset] = /^RT(MIN|MAX)(?:[+-](\d{1,2}))?$/.exec(name) ?? []
  if (edge === undefined) return Object.hasOwn(constants.signals, `SIG${name}`)
  const sign = edge === 'MIN' ? '+' : '-'
  return offset === undefined || (name.includes(sign) && Number(offset) <= 15)
}
