// SPDX-License-Identifier: Apache-2.0

/** The text with the passwords of addresses in it left out. */
export function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]*@/gi, (whole, scheme: string) =>
    /^ssh/i.test(scheme) && !/:[^/]*@$/.test(whole.slice(scheme.length)) ? whole : scheme,
  )
}

/** The address as git is given it: arguments can be seen by everybody on the machine, so that passwords are no part of it. */
export function addressForGit(address: string): string {
  return /^https?:/i.test(address) ? withoutCredentials(address) : address
}

/** The name and password in an address by http, as it is written in headers; null where there is none. */
export function basicCredentials(address: string): string | null {
  const [, pair] = /^https?:\/\/([^/@]*)@/i.exec(address) ?? []
  if (pair === undefined) return null
  const [name = '', password = ''] = pair.split(/:(.*)/s)
  const decode = (text: string) =>
    /%(?![0-9a-f]{2})/i.test(text) ? text : Buffer.from(decodeBytes(text), 'latin1').toString()
  return `basic ${Buffer.from(`${decode(name)}:${decode(password)}`).toString('base64')}`
}

const decodeBytes = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/**
 * Whether a repository may be asked for there: by http, ssh or git's own protocol. Neither files of this machine nor programs (`ext::`) are addresses, and none
 * begins like an option, of git or of ssh (CVE-2017-1000117, CVE-2019-13139).
 */
export function isGitAddress(text: string): boolean {
  if (/[\x00-\x20\x7f]/.test(text) || text.startsWith('-')) return false
  const url = /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/]*)(?:\/|$)/i.exec(text)
  if (url) return url[1] !== '' && !url[1]?.startsWith('-')
  const short = /^[\w.-]+@([\w.-]+):[^\s]+$/.exec(text)
  return short !== null && !short[1]?.startsWith('-') && !text.includes('::')
}

/** The address of a submodule, which may be given as seen from that of its parent (gitsubmodules(7)); null where it is none. */
export function submoduleAddress(parent: string, address: string): string | null {
  if (!/^\.\.?\//.test(address)) return isGitAddress(address) ? address : null
  let base = parent.replace(/\/+$/, '')
  let rest = address
  for (;;) {
    if (rest.startsWith('./')) rest = rest.slice(2)
    else if (rest.startsWith('../')) {
      rest = rest.slice(3)
      const cut = Math.max(base.lastIndexOf('/'), base.lastIndexOf(':'))
      if (cut < 0) return null
      base = base[cut] === ':' ? `${base.slice(0, cut)}:` : base.slice(0, cut)
    } else break
  }
  const found = base.endsWith(':') ? `${base}${rest}` : `${base}/${rest}`
  // The host stays that of the parent: `..` cannot climb over it.
  return isGitAddress(found) && hostOf(found) === hostOf(parent) ? found : null
}

/** Host and port, with the scheme: what credentials are for. Null for an address without `://`. */
export function originOf(address: string): string | null {
  const [, scheme, host] = /^([a-z]+):\/\/(?:[^/@]*@)?([^/]+)/i.exec(address) ?? []
  return host === undefined ? null : `${scheme?.toLowerCase()}://${host}`
}

function hostOf(address: string): string | null {
  return originOf(address) ?? /^[^:]*/.exec(address)?.[0] ?? null
}
