// SPDX-License-Identifier: Apache-2.0
import { mkdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { readRegularFile, writeFileAtomic } from '../util/atomic-file.js'
import { debugLog } from '../util/debug-log.js'
import { type DockerConfig, parseDockerConfig } from './docker-config.js'

const limit = 4 * 1024 * 1024

/** Files with credentials in the order in which they are asked: the one named by REGISTRY_AUTH_FILE, docker's, podman's. */
export function credentialFiles(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const home = env.HOME || homedir()
  const runtime = env.XDG_RUNTIME_DIR || `/run/containers/${process.getuid?.() ?? 0}`
  return [
    ...(env.REGISTRY_AUTH_FILE ? [env.REGISTRY_AUTH_FILE] : []),
    join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    join(runtime, env.XDG_RUNTIME_DIR ? 'containers/auth.json' : 'auth.json'),
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
  ]
}

/** The file that logins are written to. */
export function loginFile(env: NodeJS.ProcessEnv = process.env): string {
  return credentialFiles(env)[0] ?? ''
}

/** What the file says; null if there is none. ERR_CREDENTIALS where it cannot be read. */
export async function readCredentialFile(path: string): Promise<DockerConfig | null> {
  const data = await read(path)
  if (data === null) return null
  try {
    return parseDockerConfig(data)
  } catch (error) {
    // Without cause: a parser shows what it stumbled over.
    throw unreadable(path, error instanceof EngineError ? error.message : 'malformed')
  }
}

/** The same for when nothing depends on it: what cannot be read counts as missing. */
export async function readCredentialFileIfSound(path: string): Promise<DockerConfig | null> {
  try {
    return await readCredentialFile(path)
  } catch (error) {
    debugLog('credentials: %s', error instanceof Error ? error.message : error)
    return null
  }
}

/** Changes the file's JSON; what we do not know in it stays. Made with mode 0600 if it is not there. */
export async function changeCredentialFile(
  path: string,
  change: (config: Record<string, unknown>) => void,
): Promise<void> {
  // Docker's file is often a link into a directory of such files.
  const target = await realpath(path).catch(() => path)
  const data = await read(target)
  const config = data === null ? {} : parseObject(target, data)
  change(config)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  try {
    await writeFileAtomic(target, `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 })
  } catch (cause) {
    throw unreadable(target, (cause as NodeJS.ErrnoException).code ?? 'cannot be written')
  }
}

async function read(path: string): Promise<Uint8Array | null> {
  try {
    return await readRegularFile(await realpath(path), limit)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw unreadable(path, code ?? message)
  }
}

function parseObject(path: string, data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8') || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {}
  throw unreadable(path, 'it is not JSON')
}

function unreadable(path: string, problem: string): EngineError {
  return new EngineError({
    code: 'ERR_CREDENTIALS',
    message: `${path}: ${problem}`,
    hint: 'repair the file, or name another by DOCKER_CONFIG or REGISTRY_AUTH_FILE',
    step: 'credentials',
    object: path,
  })
}
