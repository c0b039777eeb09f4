// SPDX-License-Identifier: Apache-2.0

// SGR alone sets colours (ECMA-48, 8.3.117). Then: control sequences, strings up to their end, other escapes; control characters but
// the tab; characters that separate lines or turn the direction of text.
const special =
  /(\x1b\[[0-9;:]*m)|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * A line of a container for a terminal that others write to: it cannot leave its place, hide, or look like somebody else's. Of what overwrites itself by
 * carriage returns, as progress bars do, the last is left. Its colours stay where they are wanted, and end with it.
 */
export function safeLine(line: string, { colours }: { readonly colours: boolean }): string {
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  let isColoured = false
  const text = shown.replace(special, (_, colour: string | undefined) => {
    if (colour === undefined || !colours) return ''
    isColoured = true
    return colour
  })
  return isColoured ? `${text}\x1b[0m` : text
}
