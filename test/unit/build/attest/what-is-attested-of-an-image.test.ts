// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { writeAttestation, writeImageIndex } from '../../../../src/build/attest/attestation-manifest.js'
import { readApkInstalled, readDpkgStatus } from '../../../../src/build/attest/installed-packages.js'
import { imagePackageUrl } from '../../../../src/build/attest/package-url.js'
import { type ProvenanceFacts, provenancePredicate, provenanceType } from '../../../../src/build/attest/provenance.js'
import { readOsRelease, spdxDocument } from '../../../../src/build/attest/sbom.js'
import { digestOf } from '../../../../src/oci/digest.js'
import { parseIndex, selectManifest } from '../../../../src/oci/image-index.js'
import { parseManifest } from '../../../../src/oci/manifest.js'
import { mediaTypes } from '../../../../src/oci/media-types.js'
import { parseReference } from '../../../../src/oci/reference.js'
import { openStore, putImage } from '../../store/scratch-store.js'

const facts: ProvenanceFacts = {
  buildId: 'a'.repeat(64),
  times: { startedAt: new Date(0), finishedAt: new Date(1500) },
  materials: [{ uri: 'pkg:docker/debian@12?platform=linux%2Famd64', digest: digestOf('debian') }],
  dockerfile: 'Dockerfile',
  target: null,
  platform: 'linux/amd64',
  args: { VERSION: '1' },
  secrets: ['token'],
  steps: [{ id: 1, name: 'RUN make', needs: [] }],
  builderVersion: '1.2.3',
}

describe('a provenance', () => {
  test('names what was built from what, and when', () => {
    expect(provenancePredicate(facts, 'min')).toMatchObject({
      buildDefinition: {
        externalParameters: { configSource: { path: 'Dockerfile' } },
        resolvedDependencies: [{ uri: facts.materials[0]?.uri, digest: { sha256: digestOf('debian').slice(7) } }],
      },
      runDetails: {
        metadata: { startedOn: '1970-01-01T00:00:00.000Z', finishedOn: '1970-01-01T00:00:01.500Z' },
      },
    })
  })

  test('keeps arguments, names of secrets and steps to itself unless asked', () => {
    expect(JSON.stringify(provenancePredicate(facts, 'min'))).not.toMatch(/VERSION|token|RUN make/)
    expect(JSON.stringify(provenancePredicate(facts, 'max'))).toMatch(/VERSION.*token.*RUN make/)
  })
})

describe('a package URL of an image', () => {
  test.each([
    ['debian', 'pkg:docker/debian@latest?platform=linux%2Famd64'],
    ['ghcr.io/o/r:1.0', 'pkg:docker/ghcr.io/o/r@1.0?platform=linux%2Famd64'],
    ['localhost:5000/a', 'pkg:docker/localhost%3A5000/a@latest?platform=linux%2Famd64'],
  ])('of %s is %s', (reference, url) => {
    expect(imagePackageUrl(parseReference(reference), { os: 'linux', architecture: 'amd64' })).toBe(url)
  })
})

describe('installed packages', () => {
  test('are those of this machine', () => {
    const packages = readDpkgStatus(readFileSync('/var/lib/dpkg/status', 'utf8'))
    expect(packages.find(({ name }) => name === 'dpkg')).toMatchObject({ type: 'deb', source: null })
    expect(packages.find(({ name }) => name === 'libc6')).toMatchObject({ source: 'glibc' })
  })

  test('are not those that were removed, and nothing that is no package', () => {
    const status =
      'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nnonsense\n\nPackage: x\nStatus: install ok installed\n'
    expect(readDpkgStatus(status)).toEqual([])
  })

  test('of apk have one letter a field', () => {
    const text = 'C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\nP:busybox-binsh\nV:1.36-r2\nA:x86_64\no:busybox\n'
    expect(readApkInstalled(text)).toEqual([
      { type: 'apk', name: 'musl', version: '1.2.5-r0', architecture: 'x86_64', source: null },
      { type: 'apk', name: 'busybox-binsh', version: '1.36-r2', architecture: 'x86_64', source: 'busybox' },
    ])
  })
})

test('a bill of materials names each package by its URL', () => {
  const packages = readDpkgStatus(
    'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9+deb12u9\nArchitecture: amd64\nSource: glibc (2.36)\n',
  )
  const distribution = readOsRelease('PRETTY_NAME="Debian"\nVERSION_ID="12"\nID=debian\n')
  const { buildId: imageHex, builderVersion } = facts
  const document = spdxDocument({
    name: 'app:1',
    imageHex,
    created: new Date(0),
    distribution,
    packages,
    builderVersion,
  })
  expect(document).toMatchObject({
    creationInfo: { created: '1970-01-01T00:00:00Z' },
    packages: [
      {
        sourceInfo: 'built from the source package glibc',
        externalRefs: [{ referenceLocator: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12' }],
      },
    ],
    relationships: [{ relatedSpdxElement: 'SPDXRef-Package-1' }],
  })
})

test('an attestation is an entry that nobody runs, about another one', async () => {
  const store = await openStore()
  const { descriptor } = await putImage(store, 'hello')
  const image = { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } }
  const subjects = [{ name: 'pkg:docker/app@1', digest: image.digest }]
  const statement = { predicateType: provenanceType, subjects, predicate: provenancePredicate(facts, 'min') }
  const attestation = await writeAttestation(store, image, [statement])
  const index = parseIndex((await store.blobs.read((await writeImageIndex(store, [image, attestation])).digest)) ?? '')
  expect(selectManifest(index, image.platform)?.digest).toBe(image.digest)
  expect(index.manifests[1]).toMatchObject({
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.digest': image.digest },
  })
  const { layers } = parseManifest((await store.blobs.read(attestation.digest)) ?? '', mediaTypes.manifest)
  const written = JSON.parse(Buffer.from((await store.blobs.read(layers[0]!.digest)) ?? []).toString())
  expect(written).toMatchObject({
    predicateType: provenanceType,
    subject: [{ digest: { sha256: image.digest.slice(7) } }],
  })
})
