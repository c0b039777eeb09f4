// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { Container, type ContainerOptions, Image, Ready } from '../../../src/index.js'
import { servicesTar } from '../../support/debian.js'
import { slow } from '../../support/slow.js'
import { type TestEngine, useTestEngine } from '../../support/test-engine.js'

/** An engine with an image of Debian's own services. */
export interface Services extends TestEngine {
  readonly services: Image
  /** A new directory of the host, to be bound. */
  data(name: string): Promise<string>
}

export const useServices = (): Services => {
  const host = useTestEngine()
  let services: Image | undefined
  beforeAll(async () => {
    services = await Image.import(servicesTar(), { engine: host.engine, tag: 'services:local' })
  }, 120_000 * slow)
  // Its getters stay getters: a copy would ask them too early.
  return Object.defineProperties(Object.create(host) as Services, {
    services: {
      get: () => {
        if (!services) throw new Error('the image is there only while tests run')
        return services
      },
    },
    data: {
      value: async (name: string) => {
        const directory = join(host.directory, name)
        await mkdir(directory)
        return directory
      },
    },
  })
}

const as = (user: string) => `setpriv --reuid=${user} --regid=${user} --init-groups`
const bindData = (source: string) => [{ type: 'bind', source, target: '/data' }] as const

const postgresScript = `
  set -e
  bin=$(echo /usr/lib/postgresql/*/bin)
  chown postgres: /data
  test -s /data/PG_VERSION || ${as('postgres')} $bin/initdb --pgdata=/data --auth=trust --no-sync
  exec ${as('postgres')} $bin/postgres -D /data -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp`

/** PostgreSQL with its data in a directory of the host: as root inside it is given to its user, whoever that is outside. */
export const runPostgres = (
  { engine, services }: Services,
  data: string,
  options: ContainerOptions = {},
): Promise<Container> =>
  Container.run(services, {
    engine,
    command: ['sh', '-c', postgresScript],
    mounts: bindData(data),
    stopSignal: 'SIGINT',
    stopTimeoutMs: 60_000,
    ready: Ready.all([
      Ready.port(5432),
      Ready.log('database system is ready to accept connections'),
      Ready.exec(['pg_isready', '--host=127.0.0.1']),
    ]),
    ...options,
  })

const redisScript = `chown redis: /data; exec ${as('redis')} redis-server --bind 127.0.0.1 --dir /data --appendonly yes`

/** Redis, its data in a directory of the host. */
export const runRedis = (
  { engine, services }: Services,
  data: string,
  options: ContainerOptions = {},
): Promise<Container> =>
  Container.run(services, {
    engine,
    command: ['sh', '-c', redisScript],
    mounts: bindData(data),
    ready: Ready.all([Ready.port(6379), Ready.log(/Ready to accept connections/i)]),
    ...options,
  })

/** nginx as Debian sets it up, on port 80. */
export const runNginx = ({ engine, services }: Services, options: ContainerOptions = {}): Promise<Container> =>
  Container.run(services, {
    engine,
    command: ['nginx', '-g', 'daemon off; error_log stderr info;'],
    stopSignal: 'SIGQUIT',
    ready: Ready.http('/', { port: 80 }),
    ...options,
  })
