// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const env = {
  PATH: process.env.PATH,
  HOME: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'tester'],
      [`GIT_${role}_EMAIL`, 'tester@example.com'],
      [`GIT_${role}_DATE`, '@1600000000 +0000'],
    ]),
  ),
}

/** Calls git in a directory, with none of anybody's settings; what it says. */
export const gitIn = (directory: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'init.defaultBranch=main', '-c', 'protocol.file.allow=always', ...args], {
    cwd: directory,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

/** Repositories, served by http as `git http-backend` does it. */
export interface GitServer {
  /** `http://127.0.0.1:PORT`; a repository `name` is at `/name.git`. */
  readonly url: string
  /** Below it `name.git` is bare, and `name` a checkout that pushes there. */
  readonly directory: string
  /** What was asked for, `GET /name.git/info/refs`, with the authorization that came along. */
  readonly requests: { readonly what: string; readonly authorization: string | null }[]
  /** Makes a repository, and gives the path of its checkout. */
  make(name: string): string
  /** What clients have to say to be served; by default nothing. */
  authorization: string | null
  stop(): Promise<void>
}

export const startGitServer = async (directory: string): Promise<GitServer> => {
  mkdirSync(directory, { recursive: true })
  const requests: GitServer['requests'] = []
  const made: { authorization: string | null } = { authorization: null }
  const server = createServer((request, response) => {
    const authorization = request.headers.authorization ?? null
    requests.push({ what: `${request.method} ${request.url?.split('?', 1)[0]}`, authorization })
    if (made.authorization === null || made.authorization === authorization) answer(directory, request, response)
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(made, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    directory,
    requests,
    make: (name: string) => {
      const [bare, checkout] = [join(directory, `${name}.git`), join(directory, name)]
      gitIn(directory, 'init', '-q', '--bare', bare)
      gitIn(directory, 'init', '-q', checkout)
      gitIn(checkout, 'remote', 'add', 'origin', bare)
      return checkout
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  })
}

// CGI (RFC 3875), as far as git http-backend(1) needs it.
const answer = (directory: string, request: IncomingMessage, response: ServerResponse): void => {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const child = spawn('git', ['http-backend'], {
    env: {
      ...env,
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      // Repositories may be another user's where tests run as several.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  request.pipe(child.stdin)
  let head = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const lines = head.toString('latin1', 0, end).split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => line.split(/: /, 2) as [string, string]))
    const { Status: status = '200', ...others } = headers
    response.writeHead(Number.parseInt(status, 10), others)
    response.write(head.subarray(end + 4))
  })
  child.stdout.on('end', () => response.end())
}

/** The same repositories by git's own protocol. */
export const startGitDaemon = async (directory: string): Promise<{ url: string; stop(): Promise<void> }> => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => free.close(resolve))
  const options = ['--export-all', `--base-path=${directory}`, '--listen=127.0.0.1', `--port=${port}`]
  const child = spawn('git', ['daemon', '--reuseaddr', '--verbose', ...options], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  // "Ready to rumble"
  await once(child.stderr, 'data')
  child.stderr.resume()
  return {
    url: `git://127.0.0.1:${port}`,
    stop: async () => {
      const ended = once(child, 'exit')
      process.kill(-(child.pid as number), 'SIGTERM')
      await ended
    },
  }
}
