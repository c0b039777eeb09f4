// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import { Client } from 'pg'
import { expect } from 'vitest'
import { type Container, Ready } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { runPostgres, useServices } from './debian-services.js'

const host = useServices()
const slowly = 180_000

const query = async (box: Container, sql: string): Promise<readonly unknown[]> => {
  const socket = await box.dial(5432)
  // The driver calls connect on what it is given, and waits for the event: here that is done already.
  const connected = Object.assign(socket, { connect: () => setImmediate(() => socket.emit('connect')) })
  const client = new Client({ user: 'postgres', database: 'postgres', ssl: false, stream: () => connected })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

const psql = async (box: Container, sql: string): Promise<string> =>
  (await box.exec(['psql', '--host=127.0.0.1', '--username=postgres', '--tuples-only', '--no-align', '--command', sql]))
    .stdout

const shutDown = async (box: Container): Promise<void> => {
  expect(await box.stop()).toMatchObject({ code: 0, signal: null })
  const lines: string[] = []
  for await (const { line } of box.logs({ tail: 10 })) lines.push(line)
  expect(lines.join('\n')).toMatch(/received fast shutdown request[\s\S]*database system is shut down$/)
}

testNeeding('subordinate ids')(
  'a driver and psql get answers, the stop is its own, and the data is there after that, and after a restart by policy',
  async () => {
    const data = await host.data('postgres')
    const box = await runPostgres(host, data)
    try {
      await query(box, 'create table seen (what text)')
      expect(await query(box, "insert into seen values ('first') returning what")).toEqual([['first']])
      expect(await psql(box, 'select what from seen')).toBe('first\n')
      expect(await query(box, 'select count(*)::int, version() ~ $$PostgreSQL$$ from seen')).toEqual([[1, true]])
      // Its user's, whoever that is out here; neither root's nor ours.
      expect([0, process.getuid?.()]).not.toContain((await stat(data)).uid)
      await shutDown(box)

      await box.start()
      expect(await query(box, 'select what from seen')).toEqual([['first']])
      await box.restart()
      expect(await psql(box, 'select what from seen')).toBe('first\n')
      await shutDown(box)
    } finally {
      await box.remove({ force: true })
    }
    let restarted = () => {}
    const running = ({ reason }: { readonly reason: string }) => reason === 'restarted' && restarted()
    const next = await runPostgres(host, data, { restart: 'always', on: { running } })
    try {
      expect(await query(next, 'select what from seen')).toEqual([['first']])
      const again = new Promise<void>((resolve) => {
        restarted = resolve
      })
      // Which may take the shell along, since the end of the main process ends the container.
      await next.exec(['sh', '-c', 'kill -KILL "$(head -n 1 /data/postmaster.pid)"'], { check: false })
      await again
      // It recovers, and is ready when it has.
      await next.waitUntil(Ready.exec(['pg_isready', '--host=127.0.0.1']))
      expect((await next.inspect()).restartCount).toBe(1)
      expect(await query(next, 'select what from seen')).toEqual([['first']])
      // The files are of ids that we have only inside.
      await next.exec(['sh', '-c', 'rm -rf /data/* 2>/dev/null; chown root: /data'])
    } finally {
      await next.remove({ force: true })
    }
  },
  slowly,
)
