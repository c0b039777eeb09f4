// SPDX-License-Identifier: Apache-2.0

/** What variables are: `undefined` for those that are not set. */
export type Lookup = (name: string) => string | undefined

/** How a template is filled in. */
export interface Interpolation {
  readonly lookup: Lookup
  /** Told of each variable that is not set and has no default. */
  readonly onUnset?: ((name: string) => void) | undefined
  /** Counts what is made, so that few bytes cannot become gigabytes. */
  readonly budget?: { left: number } | undefined
}

/** Why a template cannot be filled in; the caller knows the place. */
export class TemplateError extends Error {}

const maximalDepth = 50

/**
 * Fills in `$NAME`, `${NAME}` and the operators `:-` `-` `:?` `?` `:+` `+`, whose words are templates themselves; `$$` is a dollar, and so is one that
 * begins no variable. Throws {@link TemplateError}.
 */
export function interpolate(template: string, interpolation: Interpolation, depth = 0): string {
  if (!template.includes('$')) return template
  if (depth > maximalDepth) throw new TemplateError('variables are nested too deeply')
  let result = ''
  let at = 0
  for (;;) {
    const dollar = template.indexOf('$', at)
    if (dollar < 0) return result + template.slice(at)
    result += template.slice(at, dollar)
    const { text, end } = substituted(template, dollar, interpolation, depth)
    spend(interpolation, text.length)
    result += text
    at = end
  }
}

function spend({ budget }: Interpolation, length: number): void {
  if (budget === undefined) return
  budget.left -= length
  if (budget.left < 0) throw new TemplateError('variables make more text than a compose file can have')
}

interface Substituted {
  readonly text: string
  readonly end: number
}

function substituted(template: string, dollar: number, interpolation: Interpolation, depth: number): Substituted {
  const next = template[dollar + 1]
  if (next === '$') return { text: '$', end: dollar + 2 }
  if (next === '{') return braced(template, dollar, interpolation, depth)
  const name = nameAt(template, dollar + 1)
  if (name === '') return { text: '$', end: dollar + 1 }
  return { text: plainValue(name, interpolation), end: dollar + 1 + name.length }
}

function braced(template: string, dollar: number, interpolation: Interpolation, depth: number): Substituted {
  const close = closingBrace(template, dollar + 1)
  const name = nameAt(template, dollar + 2)
  const rest = close < 0 ? '' : template.slice(dollar + 2 + name.length, close)
  const operator = /^(?::?[-?+])?/.exec(rest)?.[0] ?? ''
  if (close < 0 || name === '' || (operator === '' && rest !== '')) {
    throw new TemplateError(`Invalid template: ${JSON.stringify(template.slice(dollar, dollar + 80))}`)
  }
  const word = () => interpolate(rest.slice(operator.length), interpolation, depth + 1)
  return {
    text: operator === '' ? plainValue(name, interpolation) : applied(name, operator, word, interpolation),
    end: close + 1,
  }
}

function applied(name: string, operator: string, word: () => string, { lookup }: Interpolation): string {
  const value = lookup(name)
  const present = value !== undefined && (value !== '' || !operator.startsWith(':'))
  switch (operator.at(-1)) {
    case '+':
      return present ? word() : ''
    case '-':
      return present ? value : word()
    default: {
      if (present) return value
      const message = word()
      throw new TemplateError(`required variable ${name} is missing a value${message === '' ? '' : `: ${message}`}`)
    }
  }
}

function plainValue(name: string, { lookup, onUnset }: Interpolation): string {
  const value = lookup(name)
  if (value === undefined) onUnset?.(name)
  return value ?? ''
}

const nameAt = (template: string, at: number): string => {
  const pattern = /[_a-zA-Z][_a-zA-Z0-9]*/y
  pattern.lastIndex = at
  return pattern.exec(template)?.[0] ?? ''
}

// Braces of the word count too, as in a default that is JSON; where they do not pair, only those of variables count.
function closingBrace(template: string, open: number): number {
  const paired = matchingBrace(template, open, (at) => template[at] === '{')
  return paired >= 0 ? paired : matchingBrace(template, open, (at) => template[at] === '{' && template[at - 1] === '$')
}

function matchingBrace(template: string, open: number, opens: (at: number) => boolean): number {
  let depth = 0
  for (let at = open; at < template.length; at++) {
    if (template[at] === '}') {
      if (--depth === 0) return at
    } else if (opens(at)) depth++
  }
  return -1
}
