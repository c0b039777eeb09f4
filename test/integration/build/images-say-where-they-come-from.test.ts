// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuildOptions, Container, Engine, Image } from '../../../src/index.js'
import { formatPlatform, hostPlatform } from '../../../src/oci/platform.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { emptyAndClose, scratchBase, useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'
let registry: DockerRegistry

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
  registry = await startDockerRegistry(join(host.directory, 'registry'))
})
afterAll(() => registry.stop())

const status = `Package: libc6
Status: install ok installed
Version: 2.36-9+deb12u9
Architecture: amd64
Source: glibc
`
const dockerfile = `FROM base:1 AS made
ARG VERSION=0
RUN --mount=type=secret,id=token ${box} wc -c < /run/secrets/token > /size && echo $VERSION > /version
FROM base:1
COPY os-release /usr/lib/os-release
COPY status /var/lib/dpkg/status
RUN ${box} ln -s ../usr/lib/os-release /etc/os-release
COPY --from=made /version /size /
CMD ["${box}", "cat", "/version"]
`
const context = { status, 'os-release': 'ID=debian\nVERSION_ID="12"\n' }
const secret = 'hush-hush-4711'
const options = (more: BuildOptions): BuildOptions & { readonly engine: Engine } => ({
  engine: host.engine,
  context,
  dockerfileText: dockerfile,
  secrets: { token: secret },
  args: { VERSION: '7', HTTP_PROXY: 'http://me:password@proxy:3128' },
  ...more,
})

interface Entry {
  readonly mediaType: string
  readonly digest: string
  readonly platform: { readonly os: string; readonly architecture: string }
  readonly annotations?: Readonly<Record<string, string>>
}

interface Statement {
  readonly _type: string
  readonly predicateType: string
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  // biome-ignore lint/suspicious/noExplicitAny: a document of SLSA or of SPDX, as it was read; what it has to be like the assertions say
  readonly predicate: any
}

const blob = async (digest: string) =>
  JSON.parse(await readFile(join(host.root, 'blobs/sha256', digest.slice(7)), 'utf8'))

const indexOf = async (name: string): Promise<readonly Entry[]> =>
  JSON.parse(await run('skopeo', 'inspect', '--raw', `oci:${host.root}:docker.io/library/${name}`)).manifests

// What is said of an image, by predicate types.
const statementsIn = async (entries: readonly Entry[], image: string): Promise<ReadonlyMap<string, Statement>> => {
  const entry = entries.find(({ annotations }) => annotations?.['vnd.docker.reference.digest'] === image)
  expect(entry).toMatchObject({
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  })
  const { config, layers } = await blob(entry?.digest ?? '')
  expect(await blob(config.digest)).toMatchObject({ os: 'unknown', architecture: 'unknown' })
  const statements: [string, Statement][] = []
  for (const { mediaType, digest, annotations } of layers) {
    expect(mediaType).toBe('application/vnd.in-toto+json')
    statements.push([annotations['in-toto.io/predicate-type'], await blob(digest)])
  }
  return new Map(statements)
}

test('an image has its provenance and its packages beside it, about nothing but itself', async () => {
  const image = await Image.build(options({ tags: ['said:1'], attest: { provenance: 'max', sbom: true } }))
  const entries = await indexOf('said:1')
  expect(entries.map(({ digest }) => digest === image.digest)).toEqual([true, false])
  const statements = await statementsIn(entries, image.digest ?? '')
  const platform = formatPlatform(hostPlatform())
  for (const [type, statement] of statements) {
    expect(statement).toMatchObject({ _type: 'https://in-toto.io/Statement/v0.1', predicateType: type })
    const name = `pkg:docker/said@1?platform=${encodeURIComponent(platform)}`
    expect(statement.subject).toEqual([{ name, digest: { sha256: image.digest?.slice(7) } }])
  }
  const provenance = statements.get('https://slsa.dev/provenance/v1')?.predicate
  expect(provenance.buildDefinition).toMatchObject({
    externalParameters: { args: { VERSION: '7' }, secrets: ['token'] },
    internalParameters: { platform, steps: expect.arrayContaining([expect.objectContaining({ id: 1 })]) },
    resolvedDependencies: [
      {
        uri: `pkg:docker/base@1?platform=${encodeURIComponent(platform)}`,
        digest: { sha256: (await Image.get('base:1', { engine: host.engine })).digest?.slice(7) },
      },
    ],
  })
  expect(Date.parse(provenance.runDetails.metadata.finishedOn)).toBeGreaterThan(Date.now() - 60_000)
  const bill = statements.get('https://spdx.dev/Document')?.predicate
  expect(bill).toMatchObject({
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    dataLicense: 'CC0-1.0',
    name: 'said:1',
  })
  expect(bill.packages).toMatchObject([
    {
      name: 'libc6',
      externalRefs: [{ referenceLocator: expect.stringMatching(/^pkg:deb\/debian\/libc6@.*distro=debian-12/) }],
    },
  ])
  const everything = JSON.stringify([...statements.values()])
  expect(everything).not.toMatch(/hush-hush|password/)
})

test('the image itself is the same with them and without, and they are as scarce as asked for', async () => {
  const plain = await Image.build(options({ tags: ['said:plain'] }))
  const little = await Image.build(options({ tags: ['said:min'], attest: { provenance: true } }))
  expect([little.id, little.digest]).toEqual([plain.id, plain.digest])
  const statements = await statementsIn(await indexOf('said:min'), plain.digest ?? '')
  expect([...statements.keys()]).toEqual(['https://slsa.dev/provenance/v1'])
  expect(JSON.stringify([...statements.values()])).not.toMatch(/VERSION|token|RUN/)
  const none = await Image.build(options({ tags: ['said:none'], attest: { provenance: false, sbom: false } }))
  expect((await none.inspect()).indexDigest).toBeNull()
})

test('with SOURCE_DATE_EPOCH they are the same each time, of each platform', async () => {
  const text = 'FROM scratch\nCOPY status /var/lib/dpkg/status\n'
  const digests = new Set<string | null>()
  for (const tag of ['epoch:1', 'epoch:2']) {
    const built = await Image.build({
      engine: host.engine,
      context,
      dockerfileText: text,
      args: { SOURCE_DATE_EPOCH: '1000000000' },
      platform: [formatPlatform(hostPlatform()), 'linux/s390x'],
      tags: [`${tag}`, 'epoch:all'],
      attest: { provenance: 'max', sbom: true },
    })
    const entries = await indexOf(tag)
    const images = entries.filter(({ platform }) => platform.os === 'linux')
    expect([images.length, entries.length]).toEqual([2, 4])
    for (const { digest } of images) expect((await statementsIn(entries, digest)).size).toBe(2)
    digests.add((await built.inspect()).digest)
  }
  expect(digests.size).toBe(1)
})

test('pushed and pulled, the image comes and not what is said of it; skopeo copies both', async () => {
  const { engine } = host
  const reference = `${registry.host}/said:1`
  const pushed = await (await Image.get('said:1', { engine })).push(reference)
  const to = join(host.directory, 'copied')
  await run(
    'skopeo',
    'copy',
    '-q',
    '--all',
    '--preserve-digests',
    '--src-tls-verify=false',
    `docker://${reference}`,
    `oci:${to}:x`,
  )
  const [copied] = JSON.parse(await readFile(join(to, 'index.json'), 'utf8')).manifests
  expect(copied.digest).toBe(pushed.digest)
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  const other = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  try {
    const pulled = await Image.pull(reference, { engine: other })
    expect(pulled.digest).toBe((await Image.get('said:1', { engine })).digest)
    const ran = await Container.runOnce(pulled, [box, 'cat', '/version', '/size'], { engine: other, network: 'none' })
    expect(ran.stdout).toBe(`7\n${secret.length}\n`)
  } finally {
    await emptyAndClose(other, join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
  }
})

test('an index of images that have them has them too', async () => {
  const { engine } = host
  const foreign = await Image.build({
    engine,
    context,
    dockerfileText: 'FROM scratch\nCOPY status /\n',
    platform: 'linux/s390x',
    tags: ['foreign:1'],
    attest: { sbom: true },
  })
  await Image.createIndex('both:1', [await Image.get('said:1', { engine }), foreign], { engine })
  const entries = await indexOf('both:1')
  expect(entries.map(({ platform }) => platform.os)).toEqual(['linux', 'linux', 'unknown', 'unknown'])
  for (const { digest } of entries.slice(0, 2)) expect((await statementsIn(entries, digest)).size).toBeGreaterThan(0)
})

test('what is no attestation is refused', async () => {
  const attest = { provenance: 'most' as 'max' }
  await expect(Image.build(options({ attest }))).rejects.toMatchObject({ option: 'attest.provenance' })
})
