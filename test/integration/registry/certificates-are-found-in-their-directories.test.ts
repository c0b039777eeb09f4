// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { useRegistryFixture } from '../../support/registry/registry-fixture.js'
import { run } from '../image/rootfs.js'

const fixture = useRegistryFixture()
let authority: TestAuthority
let other: TestAuthority
beforeAll(async () => {
  authority = await makeAuthority(join(fixture.directory, 'tls'))
  other = await makeAuthority(join(fixture.directory, 'other'))
})

// Those of the caller: everybody has them, and those below /etc are looked at after them.
const directories = ['.config/containers/certs.d', '.config/docker/certs.d']
afterEach(async () => {
  await rm(join(fixture.directory, '.config'), { recursive: true, force: true })
})

// Wants a certificate of ours, and shows one that only the tests' authority stands for.
const startStrict = async (): Promise<DockerRegistry> => {
  const tls = { ...(await authority.issue('strict', ['127.0.0.1'])), clientCa: authority.file }
  return await fixture.keep(startDockerRegistry(join(fixture.directory, 'strict'), { tls }))
}
const fill = async (base: string, host: string, { ca = authority.file } = {}): Promise<string> => {
  const place = join(fixture.directory, base, host)
  await mkdir(place, { recursive: true })
  const mine = await authority.issue('client')
  await copyFile(ca, join(place, 'ca.crt'))
  await copyFile(mine.certificate, join(place, 'client.cert'))
  await copyFile(mine.key, join(place, 'client.key'))
  return place
}
const tls = { code: 'ERR_REGISTRY_TLS' }

test.each(directories)('a registry that %s knows is trusted, and gets our certificate', async (base) => {
  const registry = await startStrict()
  await expect(fixture.client().ping(registry.host)).rejects.toMatchObject(tls)
  await fill(base, registry.host)
  await fixture.client().ping(registry.host)
})

test('skopeo finds the same there', async () => {
  const registry = await startStrict()
  await fill('.config/containers/certs.d', registry.host)
  const inspect = run('skopeo', 'list-tags', `docker://${registry.host}/a/b`)
  // It was let in, and nothing is there.
  await expect(inspect).rejects.toThrow(/404/)
  await fixture.client().ping(registry.host)
})

test('certificates are for their own host only', async () => {
  const registry = await startStrict()
  await fill('.config/docker/certs.d', '127.0.0.1:1')
  await expect(fixture.client().ping(registry.host)).rejects.toMatchObject(tls)
})

test('what the options say goes before what is found', async () => {
  const registry = await startStrict()
  await fill('.config/docker/certs.d', registry.host, { ca: other.file })
  await expect(fixture.client().ping(registry.host)).rejects.toMatchObject(tls)
  await fixture.client({ [registry.host]: { ca: authority.pem } }).ping(registry.host)
})

test('a file that cannot be read is named', async () => {
  const registry = await startStrict()
  const place = await fill('.config/docker/certs.d', registry.host)
  await rm(join(place, 'ca.crt'))
  await mkdir(join(place, 'ca.crt'))
  await writeFile(join(place, 'note.txt'), 'not looked at')
  const message = expect.stringContaining(join(place, 'ca.crt'))
  await expect(fixture.client().ping(registry.host)).rejects.toMatchObject({ ...tls, message })
})
