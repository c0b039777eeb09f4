// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { startDockerRegistry } from '../../support/registry/docker-registry.js'
import { scratchBase, type TestEngine } from '../../support/test-engine.js'

/** A container of an image that only a registry has: what its pull says is heard. */
export const hearsItsPull = async ({ engine }: TestEngine): Promise<void> => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-pulled-'))
  const registry = await startDockerRegistry(join(directory, 'registry'))
  try {
    const reference = `${registry.host}/pulled:1`
    const made = await Image.fromDirectory(await mkdtemp(join(directory, 'root-')), { engine, tag: reference })
    await made.push()
    await made.remove()
    const seen: string[] = []
    const box = await Container.run(reference, { engine, idle: true, onPullProgress: ({ type }) => seen.push(type) })
    expect(box.image.reference).toBe(reference)
    await box.remove({ force: true })
    expect(seen[0]).toBe('resolved')
    await (await Image.get(reference, { engine })).remove()
  } finally {
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
