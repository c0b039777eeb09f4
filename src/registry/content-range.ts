// SPDX-License-Identifier: Apache-2.0

/** Which part of a whole an answer has. Positions in bytes, `end` included. */
export interface ContentRange {
  readonly start: number
  readonly end: number
  /** null: not told. */
  readonly total: number | null
}

/** The value of a Content-Range header (RFC 9110, 14.4); null for anything that is not a range of bytes. */
export function parseContentRange(header: string | undefined): ContentRange | null {
  const match = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header?.trim() ?? '')
  if (!match) return null
  const [start, end] = [Number(match[1]), Number(match[2])]
  const total = match[3] === '*' ? null : Number(match[3])
  return start <= end && (total === null || end < total) ? { start, end, total } : null
}

/** How much of an upload has arrived, by the Range header of its status: `0-1023` is 1024; 0 when nothing is said. */
export function uploadedBytes(header: string | undefined): number | null {
  if (header === undefined || header === '') return 0
  const match = /^(?:bytes=)?0-(\d{1,15})$/i.exec(header.trim())
  if (!match) return null
  const last = Number(match[1])
  // docker-registry says 0-0 for nothing at all.
  return last === 0 ? 0 : last + 1
}
