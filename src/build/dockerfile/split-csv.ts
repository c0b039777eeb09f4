// SPDX-License-Identifier: Apache-2.0

/** The fields of a line of comma-separated values (RFC 4180), or why it is none. */
export function splitCsv(line: string): readonly string[] | { readonly problem: string } {
  const fields: string[] = []
  for (let at = 0; ; ) {
    const quoted = line.charAt(at) === '"'
    const pattern = quoted ? /"((?:[^"]|"")*)"(?=,|$)/y : /([^,]*)(?=,|$)/y
    pattern.lastIndex = at
    const match = pattern.exec(line)
    const field = match?.[1]
    if (!match || field === undefined) return { problem: 'a quote does not match' }
    if (!quoted && field.includes('"')) return { problem: 'a quote in a field that does not begin with one' }
    fields.push(quoted ? field.replaceAll('""', '"') : field)
    at = pattern.lastIndex + 1
    if (at > line.length) return fields
  }
}
