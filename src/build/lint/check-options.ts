// SPDX-License-Identifier: Apache-2.0

/** What `# check=skip=…;error=…;experimental=…` asks for. */
export interface CheckOptions {
  /** Rules that are off, or all. */
  readonly skip: 'all' | readonly string[]
  /** Experimental rules that are on, or all. */
  readonly experimental: 'all' | readonly string[]
  /** Whether a warning makes the build fail. */
  readonly isError: boolean
}

// Every rule that is not experimental, as warnings.
const defaultCheck: CheckOptions = { skip: [], experimental: [], isError: false }

/** Reads the value of the directive, up to a remark after `//`; or says what is wrong with it. */
export function parseCheckOptions(value: string): CheckOptions | { readonly problem: string } {
  let options = defaultCheck
  const said = value.replace(/(?:^|\s+)\/\/.*$/, '').trim()
  for (const part of said === '' ? [] : said.split(';')) {
    const [name, setting] = splitOnce(part)
    if (name === 'skip' || name === 'experimental') options = { ...options, [name]: rulesOf(setting) }
    else if (name === 'error' && /^(?:1|t|true)$/i.test(setting)) options = { ...options, isError: true }
    else if (name === 'error' && /^(?:0|f|false)$/i.test(setting)) options = { ...options, isError: false }
    else return { problem: `invalid check option '${part}'` }
  }
  return options
}

function splitOnce(part: string): readonly [string, string] {
  const equals = part.indexOf('=')
  return equals < 0 ? [part.trim(), ''] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()]
}

function rulesOf(setting: string): 'all' | readonly string[] {
  return setting === 'all' ? 'all' : setting.split(',').map((rule) => rule.trim())
}
