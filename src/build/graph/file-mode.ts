// SPDX-License-Identifier: Apache-2.0

const clause = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+$/

/** Whether chmod takes it: octal up to 7777, or symbolic (`u+rwx,go=rX`). */
export function isFileMode(text: string): boolean {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8) <= 0o7777
  return text.length <= 256 && text.split(',').every((part) => clause.test(part))
}
