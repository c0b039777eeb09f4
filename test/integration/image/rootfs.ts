// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Runs a program that must succeed; what it wrote. */
export async function run(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** A small root file system with a real program in it. */
export async function makeRootfs(directory: string): Promise<string> {
  for (const name of ['bin', 'etc', 'tmp', 'var']) await mkdir(join(directory, name), { recursive: true })
  await copyFile('/bin/busybox', join(directory, 'bin/busybox'))
  await chmod(join(directory, 'bin/busybox'), 0o755)
  await symlink('busybox', join(directory, 'bin/sh'))
  await symlink('/run', join(directory, 'var/run'))
  await writeFile(join(directory, 'etc/greeting'), 'hello from the image\n')
  await chmod(join(directory, 'tmp'), 0o1777)
  return directory
}

/** The tree as a tar, written by the system's tar. */
export async function makeTar(directory: string, file: string, ...flags: readonly string[]): Promise<string> {
  await run('tar', '--numeric-owner', '--owner=0', '--group=0', ...flags, '-C', directory, '-cf', file, '.')
  return file
}
