// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Certificate } from './certificates.js'

/** How a registry is set up. */
export interface DockerRegistryOptions {
  /** Lets in {@link htpasswdUser} only. */
  readonly htpasswd?: boolean
  /** Lets in who has a token of that service. */
  readonly token?: {
    readonly realm: string
    readonly service: string
    readonly issuer: string
    readonly certificate: string
  }
  /** https with that certificate; `clientCa`: a file with the authority that clients need. */
  readonly tls?: Certificate & { readonly clientCa?: string }
  /** Fetches what it has not from there. */
  readonly proxyOf?: string
  /** Deletion is allowed by default. */
  readonly deletion?: boolean
}

/** A docker-registry of Debian's package. */
export interface DockerRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly port: number
  /** Everything it logged. */
  readonly log: readonly string[]
  stop(): Promise<void>
}

/** The one user of registries with htpasswd. */
export const htpasswdUser = { username: 'alice', password: 'open sesame' } as const
// htpasswd -nbB -C 4 alice 'open sesame'
const htpasswdLine = 'alice:$2y$04$.y1mHC8fFGj/DL3UyGnmM.gN2rpPIyASYdOy9d1MQ9TSxGSPekxH.'

/** Starts one with its data below the directory; resolves when it listens. */
export const startDockerRegistry = async (
  directory: string,
  options: DockerRegistryOptions = {},
): Promise<DockerRegistry> => {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'htpasswd'), `${htpasswdLine}\n`)
  const file = join(directory, 'config.json')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configOf(directory, options)))
  // It takes variables that begin with REGISTRY_ for settings of its own: REGISTRY_AUTH_FILE is other tools'.
  const env = { ...process.env, REGISTRY_AUTH_FILE: undefined }
  const child = spawn('docker-registry', ['serve', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const log: string[] = []
  const port = await portOf(child, log)
  return {
    host: `127.0.0.1:${port}`,
    port,
    log,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'close')
    },
  }
}

const configOf = (directory: string, { htpasswd, token, tls, proxyOf, deletion = true }: DockerRegistryOptions) => ({
  version: 0.1,
  log: { level: 'info', formatter: 'text' },
  storage: {
    filesystem: { rootdirectory: join(directory, 'data') },
    delete: { enabled: deletion },
    maintenance: { uploadpurging: { enabled: false } },
  },
  http: {
    addr: '127.0.0.1:0',
    secret: 'of the tests',
    ...(tls && {
      tls: { certificate: tls.certificate, key: tls.key, ...(tls.clientCa && { clientcas: [tls.clientCa] }) },
    }),
  },
  ...(htpasswd && { auth: { htpasswd: { realm: 'tests', path: join(directory, 'htpasswd') } } }),
  ...(token && {
    auth: {
      token: { realm: token.realm, service: token.service, issuer: token.issuer, rootcertbundle: token.certificate },
    },
  }),
  ...(proxyOf && { proxy: { remoteurl: proxyOf } }),
})

const portOf = (child: ChildProcess, log: string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('docker-registry cannot be run: node scripts/setup.mjs --tests', { cause })),
    )
    child.once('close', () => reject(new Error(`docker-registry ended:\n${log.slice(-5).join('\n')}`)))
    createInterface({ input: child.stderr! }).on('line', (line) => {
      log.push(line)
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port) resolve(Number(port))
    })
  })
