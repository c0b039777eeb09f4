// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Materials } from './steps.js'

/** A small root file system of busybox with some data, as a tar, and as an OCI layout that skopeo wrote. */
export const makeMaterials = async (directory: string): Promise<Materials> => {
  const tree = join(directory, 'tree')
  await mkdir(join(tree, 'bin'), { recursive: true })
  await copyFile('/bin/busybox', join(tree, 'bin/busybox'))
  for (const name of ['sh', 'true', 'sleep']) await symlink('busybox', join(tree, 'bin', name))
  for (let i = 0; i < 20; i++) await writeFile(join(tree, `data-${i}`), randomBytes(100_000))
  const rootTar = join(directory, 'root.tar')
  execFileSync('tar', ['-C', tree, '-cf', rootTar, '.'])
  const layout = join(directory, 'layout')
  execFileSync('umoci', ['init', '--layout', layout])
  execFileSync('umoci', ['new', '--image', `${layout}:1`])
  execFileSync('umoci', ['raw', 'add-layer', '--image', `${layout}:1`, rootTar])
  const layoutTar = join(directory, 'layout.tar')
  execFileSync('tar', ['-C', layout, '-cf', layoutTar, '.'])
  return { rootTar, layoutTar }
}
