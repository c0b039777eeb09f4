// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { slow } from './slow.js'

/** The command that the sources build. */
export const runtimeCommand = fileURLToPath(new URL('../../build/Release/tscontainer-runtime', import.meta.url))

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, whatever its exit status. */
export const call = (program: string, args: readonly string[], input = ''): Promise<CommandResult> =>
  new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 60_000 * slow }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })

/** What of an OCI config.json these tests change. */
export interface TestConfig {
  process: { args: string[]; terminal: boolean; [key: string]: unknown }
  root: { path: string; readonly: boolean }
  hooks?: Record<string, readonly { path: string; args?: readonly string[]; timeout?: number }[]>
  linux: { resources: Record<string, unknown>; namespaces: { type: string; path?: string }[]; [key: string]: unknown }
  mounts: { destination: string; [key: string]: unknown }[]
  [key: string]: unknown
}

const applets = [
  'sh',
  'cat',
  'echo',
  'sleep',
  'true',
  'id',
  'kill',
  'tty',
  'grep',
  'touch',
  'test',
  'dd',
  'ls',
  'readlink',
]

export interface RuntimeBench {
  readonly directory: string
  /** A root file system with busybox. */
  readonly rootfs: string
  /** The command with a state directory of this test's own. */
  runtime(...args: readonly string[]): Promise<CommandResult>
  /** The same for what leaves a container behind, which would hold our pipes open; its output is in `<id>.out` of the bundle. */
  create(command: 'create' | 'run', bundle: string, id: string, ...args: readonly string[]): Promise<CommandResult>
  /** A bundle of busybox that runs `script`. */
  bundle(name: string, script: string, change?: (config: TestConfig) => void): Promise<string>
  state(id: string): Promise<Record<string, unknown>>
  end(): Promise<void>
}

/** Bundles and containers of one test file. */
export async function openRuntimeBench(): Promise<RuntimeBench> {
  const directory = await mkdtemp('/dev/shm/tsc-oci-')
  const rootfs = join(directory, 'rootfs')
  for (const name of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc']) await mkdir(join(rootfs, name), { recursive: true })
  await chmod(join(rootfs, 'tmp'), 0o1777)
  await cp('/bin/busybox', join(rootfs, 'bin/busybox'))
  for (const name of applets) await symlink('busybox', join(rootfs, 'bin', name))
  const root = join(directory, 'state')
  const runtime = (...args: readonly string[]) => call(runtimeCommand, ['--root', root, ...args])
  const create = (command: 'create' | 'run', bundle: string, id: string, ...args: readonly string[]) => {
    const words = ['--root', root, command, '--bundle', bundle, ...args, id]
    return call('sh', [
      '-c',
      `out="$1"; shift; "$@" >"$out" 2>"$out.err" </dev/null; status=$?; cat "$out.err" >&2; exit $status`,
      'sh',
      join(bundle, `${id}.out`),
      runtimeCommand,
      ...words,
    ])
  }
  const bundle = async (name: string, script: string, change: (config: TestConfig) => void = () => {}) => {
    const made = join(directory, name)
    await mkdir(made)
    const config = await defaultConfig(made)
    config.process = { ...config.process, args: ['sh', '-c', script], terminal: false }
    config.root = { path: rootfs, readonly: false }
    change(config)
    await writeFile(join(made, 'config.json'), JSON.stringify(config))
    return made
  }
  const state = async (id: string) => JSON.parse((await runtime('state', id)).stdout) as Record<string, unknown>
  const end = async () => {
    const ids = (await runtime('list', '--quiet')).stdout.split('\n').filter((id) => id !== '')
    for (const id of ids) await runtime('delete', '--force', id)
    await rm(directory, { recursive: true, force: true })
  }
  return { directory, rootfs, runtime, create, bundle, state, end }
}

async function defaultConfig(bundle: string): Promise<TestConfig> {
  const made = await call(runtimeCommand, ['spec', '--bundle', bundle])
  if (made.status !== 0) throw new Error(made.stderr)
  return JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')) as TestConfig
}
