// SPDX-License-Identifier: Apache-2.0

/** Where programs are looked for when nothing says it. */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** `NAME=value` lines, a later one in the place of an earlier one of that name; null for none. */
export function mergeEnvironment(
  base: readonly string[],
  changes: Readonly<Record<string, string | null>> = {},
): readonly string[] {
  const merged = new Map(base.map((line) => [nameOf(line), line]))
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) merged.delete(name)
    else merged.set(name, `${name}=${value}`)
  }
  return [...merged.values()]
}

/** The environment of a container: the image's, a PATH where it has none, the options', TERM where there is a terminal. */
export function containerEnvironment(
  image: readonly string[],
  options: { readonly env?: Readonly<Record<string, string | null>> | undefined; readonly tty?: unknown },
): readonly string[] {
  const base = image.some((line) => nameOf(line) === 'PATH') ? image : [defaultPath, ...image]
  return withTerm(mergeEnvironment(base, options.env), options.tty)
}

/** With TERM, where there is a terminal and nothing says which. */
export function withTerm(env: readonly string[], tty: unknown): readonly string[] {
  return tty && !env.some((line) => nameOf(line) === 'TERM') ? [...env, 'TERM=xterm'] : env
}

function nameOf(line: string): string {
  const end = line.indexOf('=')
  return end < 0 ? line : line.slice(0, end)
}
