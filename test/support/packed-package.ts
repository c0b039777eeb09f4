// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** An empty project with the packed package in its node_modules, as an install makes it. */
export interface PackedPackage {
  readonly project: string
  readonly tarball: string
  readonly installed: string
  /** The package as it comes for a machine that it has no native build for: another project beside, by its path. */
  withoutBuild(name: string): Promise<string>
  remove(): Promise<void>
}

/** Runs a program of the checkout's node_modules, or Node itself, in `cwd`; rejects with its output unless it ends with 0. */
export const runNode = async (
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  try {
    return (await execute(process.execPath, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`node ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

/** The path of a program in the checkout's node_modules. */
export const tool = (path: string): string => join(top, 'node_modules', path)

/** `npm pack`, unpacked into a project beside it. Its dependencies are the checkout's, so nothing is downloaded. */
export const packPackage = async (): Promise<PackedPackage> => {
  const project = await mkdtemp(join(tmpdir(), 'tscontainer-packed-'))
  const installed = join(project, 'node_modules/tscontainer')
  // `npm test` has built everything; the tests build nothing, or two of them would do so at once.
  await runNode(top, ['scripts/prepack.mjs', '--built'])
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', project]
  const { stdout } = await execute('npm', pack, { cwd: top, encoding: 'utf8' })
  const tarball = join(project, stdout.trim().split('\n').at(-1) ?? '')
  await mkdir(installed, { recursive: true })
  await execute('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const name of [
    'eventemitter3',
    'node-addon-api',
    'node-api-headers',
    'pkg-prebuilds',
    '@types',
    'undici',
    'undici-types',
    'vitest',
    'yaml',
  ]) {
    await symlink(tool(name), join(project, 'node_modules', name))
  }
  const withoutBuild = async (name: string): Promise<string> => {
    const bare = join(project, name)
    const filter = (source: string): boolean => !source.includes('prebuilds/')
    await cp(join(project, 'node_modules'), join(bare, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      filter,
    })
    return bare
  }
  return { project, tarball, installed, withoutBuild, remove: () => rm(project, { recursive: true }) }
}
