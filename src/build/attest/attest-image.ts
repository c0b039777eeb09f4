// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../../image/image-context.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { digestParts } from '../../oci/digest.js'
import { formatPlatform } from '../../oci/platform.js'
import { familiarReference, parseReference } from '../../oci/reference.js'
import type { BuildOptions } from '../build-options.js'
import type { BuildGraph } from '../graph/build-graph.js'
import type { BuildStep } from '../progress/build-progress.js'
import type { Root } from '../solver/work.js'
import { type InstalledPackage, packageLists, readApkInstalled, readDpkgStatus } from './installed-packages.js'
import { materialsOf, withoutCredentials } from './materials.js'
import { imagePackageUrl } from './package-url.js'
import { provenancePredicate, provenanceType } from './provenance.js'
import { readRootFile } from './read-root-file.js'
import { readOsRelease, sbomType, spdxDocument } from './sbom.js'
import type { Statement } from './statement.js'

/** The build that attestations are about. */
export interface AttestedBuild {
  /** 64 hex digits. */
  readonly id: string
  readonly startedAt: Date
  readonly options: BuildOptions
  /** Names in full. */
  readonly tags: readonly string[]
  readonly steps: readonly BuildStep[]
  /** Of this package. */
  readonly version: string
}

/** One image of it. */
export interface AttestedImage {
  readonly descriptor: Descriptor
  readonly graph: BuildGraph
  readonly root: Root
  /** When it was made: RFC 3339. */
  readonly created: string | undefined
}

// Far more than any distribution's.
const maxListBytes = 64 * 1024 * 1024
const proxies = /^(http|https|ftp|no|all)_proxy$/i

/** What is said of an image that was built, as its build's options ask. */
export async function statementsAbout(
  context: ImageContext,
  build: AttestedBuild,
  image: AttestedImage,
  signal: AbortSignal,
): Promise<readonly Statement[]> {
  const { provenance = false, sbom = false } = build.options.attest ?? {}
  const names = build.tags.map((tag) => imagePackageUrl(parseReference(tag), image.graph.platform))
  // A name without a meaning, as in-toto has it.
  const subjects = (names.length > 0 ? names : ['_']).map((name) => ({ name, digest: image.descriptor.digest }))
  const statements: Statement[] = []
  if (sbom) statements.push({ predicateType: sbomType, subjects, predicate: await bill(context, build, image, signal) })
  if (provenance !== false) {
    const mode = provenance === true ? 'min' : provenance
    const predicate = provenancePredicate(provenanceFacts(build, image), mode)
    statements.push({ predicateType: provenanceType, subjects, predicate })
  }
  return statements
}

function provenanceFacts({ id, startedAt, options, steps, version }: AttestedBuild, { graph }: AttestedImage) {
  const { dockerfile = 'Dockerfile', dockerfileText, target, args = {}, secrets = {} } = options
  const shown = Object.entries(args).filter(([name]) => !proxies.test(name))
  return {
    buildId: id,
    times: graph.epoch === undefined ? { startedAt, finishedAt: new Date() } : null,
    materials: materialsOf(graph.root),
    dockerfile: dockerfileText === undefined ? dockerfile : null,
    target: target ?? null,
    platform: formatPlatform(graph.platform),
    args: Object.fromEntries(shown.map(([name, value]) => [name, withoutCredentials(value)])),
    secrets: Object.keys(secrets),
    steps: steps.map((step) => ({ id: step.id, name: withoutCredentials(step.name), needs: step.needs })),
    builderVersion: version,
  }
}

async function bill(
  context: ImageContext,
  { tags, version }: AttestedBuild,
  { descriptor, root, created }: AttestedImage,
  signal: AbortSignal,
): Promise<object> {
  const read = async (path: string) =>
    (await readRootFile(context, root, { path: `/${path}`, maxBytes: maxListBytes }, signal))?.toString() ?? ''
  const { hex } = digestParts(descriptor.digest)
  const [tag] = tags
  return spdxDocument({
    name: tag === undefined ? `sha256:${hex}` : familiarReference(parseReference(tag)),
    imageHex: hex,
    created: new Date(created ?? 0),
    distribution: readOsRelease((await read('etc/os-release')) || (await read('usr/lib/os-release'))),
    packages: await packagesOf(read),
    builderVersion: version,
  })
}

async function packagesOf(read: (path: string) => Promise<string>): Promise<readonly InstalledPackage[]> {
  const lists = [
    ...(await Promise.all(packageLists.deb.map(read))).flatMap(readDpkgStatus),
    ...(await Promise.all(packageLists.apk.map(read))).flatMap(readApkInstalled),
  ]
  // The same database may be found at two names.
  return [...new Map(lists.map((entry) => [JSON.stringify(entry), entry])).values()]
}
