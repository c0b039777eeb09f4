// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { WebFiles } from '../../../src/build/context/web-files.js'
import { git } from '../../../src/build/git/git-command.js'
import { remoteGitEnvironment } from '../../../src/build/git/git-environment.js'

const { signal } = new AbortController()
afterEach(() => vi.unstubAllEnvs())

const withProxy = async (use: (asked: readonly string[]) => Promise<void>): Promise<void> => {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('by way of the proxy')
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  for (const name of ['http_proxy', 'https_proxy'])
    vi.stubEnv(name, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  try {
    await use(asked)
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
}

test('what ADD downloads comes by the proxy that the environment names', () =>
  withProxy(async (asked) => {
    const web = new WebFiles({ hostNetwork: false })
    try {
      const { chunks } = await web.get('http://files.example/a', signal)
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk)
      expect(Buffer.concat(parts).toString()).toBe('by way of the proxy')
      await expect(web.get('https://files.example/b', signal)).rejects.toMatchObject({ code: 'ERR_ADD_FAILED' })
      expect(asked).toEqual(['GET http://files.example/a', 'CONNECT files.example:443'])
    } finally {
      await web.close()
    }
  }))

test('repositories are asked for by it, too', () =>
  withProxy(async (asked) => {
    const env = await remoteGitEnvironment('https://code.example/r.git', null, { guarded: true })
    const call = { args: ['ls-remote', '--', 'https://code.example/r.git'], env, signal, doing: 'look' }
    await expect(git(call)).rejects.toMatchObject({ code: 'ERR_ADD_FAILED' })
    expect(asked).toEqual(['CONNECT code.example:443'])
  }))
