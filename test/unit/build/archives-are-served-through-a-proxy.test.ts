// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { get } from 'node:https'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apacheArchive } from '../../build/projects/apache-archive.js'
import { type ArchiveProxy, serveArchive } from '../../build/projects/archive-proxy.js'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'

const host = 'archive.apache.org'
const directory = mkdtempSync(join(tmpdir(), 'tsc-archive-'))
let authority: TestAuthority
let proxy: ArchiveProxy

beforeAll(async () => {
  authority = await makeAuthority(directory)
  proxy = await serveArchive(host, apacheArchive(), await authority.issue(host))
})
afterAll(async () => {
  await proxy.close()
  rmSync(directory, { recursive: true })
})

const tunnel = async (to: string): Promise<[IncomingMessage, Socket]> => {
  const asked = request(proxy.url, { method: 'CONNECT', path: to, agent: false }).end()
  return (await once(asked, 'connect')) as [IncomingMessage, Socket]
}

const download = async (path: string): Promise<Buffer> => {
  const [, socket] = await tunnel(`${host}:443`)
  const secure = connect({ socket, servername: host, ca: authority.pem })
  const [response] = (await once(get({ host, path, createConnection: () => secure }), 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('an archive comes by https from the host of that name, and tar reads it', async () => {
  const file = join(directory, 'httpd.tar.gz')
  writeFileSync(file, await download('/dist/httpd/httpd-2.4.10.tar.gz'))
  expect(execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })).toContain('httpd-2.4.10/configure\n')
})

test('another host is refused', async () => {
  const [response, socket] = await tunnel('example.com:443')
  socket.destroy()
  expect(response.statusCode).toBe(403)
})
