// SPDX-License-Identifier: Apache-2.0

/**
 * The words of a command line, as a POSIX shell separates and unquotes them. Nothing is expanded, and operators such as `&&` are words: no
 * shell runs them. Throws an Error with a phrase.
 */
export function shellWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let at = 0
  while (at < line.length) {
    const unit = line[at] as string
    if (/\s/.test(unit)) {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (unit === "'" || unit === '"') {
      const { text, end } = quotedPart(line, at)
      word = (word ?? '') + text
      at = end
    } else if (unit === '\\') {
      if (at + 1 >= line.length) throw new Error('the command ends with a backslash')
      // A line continued is one line.
      if (line[at + 1] !== '\n') word = (word ?? '') + line[at + 1]
      at += 2
    } else {
      word = (word ?? '') + unit
      at++
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

function quotedPart(line: string, start: number): { text: string; end: number } {
  const quote = line[start]
  let text = ''
  for (let at = start + 1; at < line.length; at++) {
    const unit = line[at] as string
    if (unit === quote) return { text, end: at + 1 }
    const next = line[at + 1]
    if (quote === '"' && unit === '\\' && next !== undefined && '"\\$`\n'.includes(next)) {
      if (next !== '\n') text += next
      at++
    } else text += unit
  }
  throw new Error(`a ${quote === '"' ? 'double' : 'single'} quote is not closed`)
}
