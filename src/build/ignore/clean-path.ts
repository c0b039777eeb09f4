// SPDX-License-Identifier: Apache-2.0

/** The shortest path of the same meaning, by its text alone, as Go's `path.Clean` has it: `.` if nothing is left. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!isRooted) kept.push('..')
  }
  const text = kept.join('/')
  if (isRooted) return `/${text}`
  return text === '' ? '.' : text
}
