// SPDX-License-Identifier: Apache-2.0

const nearest = 2

/** The candidate that was likely meant: at most two letters differ, upper and lower case count as one; undefined if there is none. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > nearest) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance <= nearest && distance < Math.min(best?.distance ?? nearest + 1, word.length))
      best = { candidate, distance }
  }
  return best?.candidate
}

/** The suggestion as the hint of an error. */
export function didYouMean(
  word: string,
  candidates: Iterable<string>,
  wrap = (name: string) => name,
): string | undefined {
  const found = suggest(word, candidates)
  return found === undefined ? undefined : `did you mean ${wrap(found)}?`
}

// Levenshtein's, one row at a time; both words are short, or of nearly the same length.
function editDistance(from: string, to: string): number {
  if (from.length > 128) return nearest + 1
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, change))
    }
    row = next
  }
  return row[to.length] ?? 0
}
