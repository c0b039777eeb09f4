// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startDockerRegistry } from '../support/registry/docker-registry.js'
import type { Materials } from './steps.js'

/** Materials, and what holds them. */
export interface MadeMaterials extends Materials {
  stop(): Promise<void>
}

/**
 * A small root file system of busybox with some data in so many files of 100 kB, as a tar, as an OCI layout that umoci wrote, and in a registry
 * that skopeo filled.
 */
export const makeMaterials = async (directory: string, { data = 20 } = {}): Promise<MadeMaterials> => {
  const tree = join(directory, 'tree')
  await mkdir(join(tree, 'bin'), { recursive: true })
  await copyFile('/bin/busybox', join(tree, 'bin/busybox'))
  for (const name of ['sh', 'true', 'sleep']) await symlink('busybox', join(tree, 'bin', name))
  await writeFile(join(tree, 'file'), 'content\n')
  for (let i = 0; i < data; i++) await writeFile(join(tree, `data-${i}`), randomBytes(100_000))
  const rootTar = join(directory, 'root.tar')
  execFileSync('tar', ['-C', tree, '-cf', rootTar, '.'])
  const layout = join(directory, 'layout')
  execFileSync('umoci', ['init', '--layout', layout])
  execFileSync('umoci', ['new', '--image', `${layout}:1`])
  execFileSync('umoci', ['raw', 'add-layer', '--image', `${layout}:1`, rootTar])
  const layoutTar = join(directory, 'layout.tar')
  execFileSync('tar', ['-C', layout, '-cf', layoutTar, '.'])
  const registry = await startDockerRegistry(join(directory, 'registry'))
  const reference = `${registry.host}/crash:pulled`
  const copy = ['copy', '-q', '--dest-tls-verify=false', `oci:${layout}:1`, `docker://${reference}`]
  execFileSync('skopeo', ['--insecure-policy', ...copy])
  return { tree, rootTar, layoutTar, reference, savedTar: join(directory, 'saved.tar'), stop: () => registry.stop() }
}
