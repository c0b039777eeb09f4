// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import type { Container } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { runNginx, runRedis, useServices } from './debian-services.js'

const host = useServices()
const slowly = 120_000

// RESP's inline commands: a line there, a line back.
const ask = async (box: Container, ...commands: readonly string[]): Promise<string> => {
  const socket = await box.dial(6379)
  socket.end(commands.map((command) => `${command}\r\n`).join(''))
  let said = ''
  for await (const chunk of socket.setEncoding('utf8')) said += chunk
  return said
}

testNeeding('subordinate ids')(
  'Redis answers, ends as it is asked to, and has its data when it comes back',
  async () => {
    const box = await runRedis(host, await host.data('redis'))
    try {
      expect(await ask(box, 'PING', 'SET who tscontainer', 'INCR times', 'QUIT')).toBe('+PONG\r\n+OK\r\n:1\r\n+OK\r\n')
      expect((await box.exec(['redis-cli', 'GET', 'who'])).stdout).toBe('tscontainer\n')
      expect(await box.stop()).toMatchObject({ code: 0, signal: null })
      let last = ''
      for await (const { line } of box.logs({ tail: 1 })) last = line
      expect(last).toContain('bye bye')
      await box.start()
      expect(await ask(box, 'INCR times', 'QUIT')).toBe(':2\r\n+OK\r\n')
      await box.exec(['sh', '-c', 'rm -rf /data/*; chown root: /data'])
    } finally {
      await box.remove({ force: true })
    }
  },
  slowly,
)

testNeeding('subordinate ids')(
  'nginx answers to its name, alone and to many, and finishes what it has begun',
  async () => {
    const box = await runNginx(host, { name: 'nginx' })
    const dispatcher = await host.engine.dispatcher()
    try {
      const pages = await Promise.all(
        Array.from({ length: 64 }, async () => {
          const response = await fetch('http://nginx/', { dispatcher })
          return `${response.headers.get('server')} ${(await response.text()).includes('Welcome to nginx')}`
        }),
      )
      expect(new Set(pages)).toEqual(new Set([expect.stringMatching(/^nginx\/[\d.]+ true$/)]))
      await dispatcher.close()
      expect(await box.stop()).toMatchObject({ code: 0, signal: null })
    } finally {
      await box.remove({ force: true })
    }
  },
  slowly,
)
