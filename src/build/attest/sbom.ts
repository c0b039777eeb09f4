// SPDX-License-Identifier: Apache-2.0
import type { InstalledPackage } from './installed-packages.js'

/** What a bill of materials is made of. */
export interface SbomFacts {
  /** Of the image, as people write it. */
  readonly name: string
  /** Hex digits of the image's digest, which make the document's namespace. */
  readonly imageHex: string
  /** When the image was made. */
  readonly created: Date
  /** Id and version of the distribution (os-release(5)), for package URLs; null where the image does not say. */
  readonly distribution: { readonly id: string; readonly version: string | null } | null
  readonly packages: readonly InstalledPackage[]
  readonly builderVersion: string
}

/** Of the predicate that {@link spdxDocument} makes. */
export const sbomType = 'https://spdx.dev/Document'

/** The packages of an image (SPDX 2.3). It tells what package managers have noted, not what was copied in beside them. */
export function spdxDocument(facts: SbomFacts): object {
  const packages = facts.packages.map((entry, index) => spdxPackage(entry, `SPDXRef-Package-${index + 1}`, facts))
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: facts.name,
    documentNamespace: `urn:tscontainer:sbom:${facts.imageHex}`,
    creationInfo: {
      created: facts.created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: tscontainer-${facts.builderVersion}`],
    },
    packages,
    relationships: packages.map(({ SPDXID }) => ({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: SPDXID,
    })),
  }
}

/** A distribution as its os-release says it. */
export function readOsRelease(text: string): SbomFacts['distribution'] {
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)["']?$`, 'm').exec(text)?.[1]
  const id = value('ID')
  return id ? { id, version: value('VERSION_ID') || null } : null
}

function spdxPackage(entry: InstalledPackage, SPDXID: string, { distribution }: SbomFacts) {
  const { name, version, source } = entry
  return {
    SPDXID,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    sourceInfo: source === null ? undefined : `built from the source package ${source}`,
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: packageUrl(entry, distribution),
      },
    ],
  }
}

function packageUrl({ type, name, version, architecture }: InstalledPackage, distribution: SbomFacts['distribution']) {
  const vendor = distribution?.id ?? (type === 'deb' ? 'debian' : 'alpine')
  const qualifiers = new URLSearchParams()
  if (architecture !== null) qualifiers.set('arch', architecture)
  if (distribution?.version) qualifiers.set('distro', `${distribution.id}-${distribution.version}`)
  const suffix = qualifiers.size > 0 ? `?${qualifiers}` : ''
  return `pkg:${type}/${[vendor, name].map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}${suffix}`
}
