// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import type { RegistryAuth } from './registry-options.js'

const outputLimit = 1024 * 1024
const timeoutMs = 60_000
/** The user name by which helpers mark an identity token. */
const tokenUser = '<token>'

/** What a helper is asked to do. */
interface HelperCall {
  readonly helper: string
  readonly action: 'get' | 'store' | 'erase'
  readonly input: string
  readonly signal: AbortSignal | undefined
}

/** The credentials a helper has for a server; undefined if it has none. ERR_CREDENTIALS where it does not work. */
export async function getFromHelper(
  helper: string,
  server: string,
  signal: AbortSignal | undefined,
): Promise<RegistryAuth | undefined> {
  const { code, output } = await call({ helper, action: 'get', input: server, signal })
  if (code !== 0) {
    if (/credentials not found|no credentials server URL|no credentials username/i.test(output)) return undefined
    throw broken(helper, `get failed with status ${code}: ${firstLine(output)}`)
  }
  const { username, secret } = readAnswer(helper, output)
  if (secret === '') return undefined
  return username === tokenUser ? { identityToken: secret } : { username, password: secret }
}

/** Has the helper keep the credentials. What it prints is not shown: it was told a secret. */
export async function storeInHelper(
  helper: string,
  server: string,
  options: { readonly username: string; readonly secret: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { username, secret, signal } = options
  const input = JSON.stringify({ ServerURL: server, Username: username, Secret: secret })
  const { code } = await call({ helper, action: 'store', input, signal })
  if (code !== 0) throw broken(helper, `store failed with status ${code}`)
}

/** Has the helper forget the server; that it does not know it is no failure. */
export async function eraseFromHelper(helper: string, server: string, signal: AbortSignal | undefined): Promise<void> {
  const { code, output } = await call({ helper, action: 'erase', input: server, signal })
  if (code !== 0 && !/not found|no such|is not in the password store/i.test(output))
    throw broken(helper, `erase failed with status ${code}: ${firstLine(output)}`)
}

function readAnswer(helper: string, output: string): { readonly username: string; readonly secret: string } {
  try {
    const fields = new Fields(parseUntrustedJson(output, 'answer'), 'answer')
    const [username, secret] = [fields.string('Username') ?? '', fields.string('Secret') ?? '']
    if (/[\0\r\n]/.test(username + secret)) throw broken(helper, 'its answer has line breaks')
    return { username, secret }
  } catch (error) {
    // Without cause: it could show what the helper said.
    throw EngineError.is(error, 'ERR_CREDENTIALS') ? error : broken(helper, 'its answer is malformed')
  }
}

async function call({
  helper,
  action,
  input,
  signal,
}: HelperCall): Promise<{ readonly code: number; readonly output: string }> {
  const program = await find(helper)
  signal?.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const child = spawn(program, [action], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      signal,
    })
    const chunks: Buffer[] = []
    let size = 0
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > outputLimit) child.kill('SIGKILL')
      else chunks.push(chunk)
    })
    child.on('error', (error) =>
      reject(
        signal?.aborted ? signal.reason : broken(helper, (error as NodeJS.ErrnoException).code ?? 'cannot be run'),
      ),
    )
    child.on('close', (code) => {
      if (signal?.aborted) reject(signal.reason)
      else if (code === null)
        reject(broken(helper, `was killed: it took longer than ${timeoutMs / 1000} s, or wrote too much`))
      else resolve({ code, output: Buffer.concat(chunks).toString('utf8') })
    })
    // It may leave without reading.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

// By ourselves and not by the shell or spawn: a name is not a path, and `.` in PATH is not a place for programs with secrets.
async function find(helper: string): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(helper)) throw broken(helper, 'that is not the name of a helper')
  const name = `docker-credential-${helper}`
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter((entry) => isAbsolute(entry))) {
    const path = join(directory, name)
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw broken(helper, `${name} is not in PATH`)
}

function firstLine(output: string): string {
  return quoted(output.split('\n')[0] ?? '', 200)
}

function broken(helper: string, problem: string): EngineError {
  return new EngineError({
    code: 'ERR_CREDENTIALS',
    message: `credential helper ${quoted(helper)}: ${problem}`,
    hint: 'install and set up the helper, or take it out of credHelpers and credsStore in config.json',
    step: 'credential helper',
    object: helper,
  })
}
