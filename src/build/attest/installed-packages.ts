// SPDX-License-Identifier: Apache-2.0

/** A package that a distribution's package manager has installed. */
export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** As the distribution calls it: `amd64`, `x86_64`. */
  readonly architecture: string | null
  /** Of a package URL (purl-spec). */
  readonly type: 'deb' | 'apk'
  /** The source package where it has another name. */
  readonly source: string | null
}

/** Where package managers keep their lists; all of each kind that are there. */
export const packageLists = {
  deb: ['var/lib/dpkg/status'],
  apk: ['lib/apk/db/installed', 'usr/lib/apk/db/installed'],
} as const

// More than any distribution has; the rest of a longer list is not looked at.
const maxPackages = 100_000

/** The packages of dpkg's status file that are installed (deb822; dpkg-query(1)). What cannot be read is left out. */
export function readDpkgStatus(text: string): readonly InstalledPackage[] {
  return paragraphs(text)
    .map(fieldsOf(/^([A-Za-z-]+):[ \t]*(.*)$/))
    .filter((fields) => /(^| )installed$/.test(fields.get('Status') ?? ''))
    .flatMap((fields) =>
      installed({
        type: 'deb',
        name: fields.get('Package'),
        version: fields.get('Version'),
        architecture: fields.get('Architecture'),
        source: fields.get('Source')?.replace(/ .*$/, ''),
      }),
    )
}

/** The packages of apk's database (apk-tools, "installed database V2"). */
export function readApkInstalled(text: string): readonly InstalledPackage[] {
  return paragraphs(text)
    .map(fieldsOf(/^([A-Za-z]):(.*)$/))
    .flatMap((fields) =>
      installed({
        type: 'apk',
        name: fields.get('P'),
        version: fields.get('V'),
        architecture: fields.get('A'),
        source: fields.get('o'),
      }),
    )
}

function paragraphs(text: string): readonly string[] {
  return text.split(/\n[ \t]*\n/).slice(0, maxPackages)
}

const fieldsOf = (pattern: RegExp) => (paragraph: string) => {
  const fields = new Map<string, string>()
  for (const line of paragraph.split('\n')) {
    const [, name, value] = pattern.exec(line) ?? []
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value.trim())
  }
  return fields
}

interface Found {
  readonly type: InstalledPackage['type']
  readonly name: string | undefined
  readonly version: string | undefined
  readonly architecture: string | undefined
  readonly source: string | undefined
}

function installed({ type, name, version, architecture, source }: Found): readonly InstalledPackage[] {
  if (!name || !version) return []
  const origin = source && source !== name ? source : null
  return [{ type, name, version, architecture: architecture ?? null, source: origin }]
}
