// SPDX-License-Identifier: Apache-2.0

/** The target of the link to the next page in a Link header (RFC 8288), as it stands there; null if there is none. */
export function nextLink(header: string | undefined): string | null {
  if (header === undefined || header.length > 65_536) return null
  const links = header.matchAll(/<([^<>\x00-\x20]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]*))?)*)/g)
  for (const [, target = '', parameters = ''] of links) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))/i.exec(parameters)
    const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/)
    if (names.includes('next')) return target
  }
  return null
}
