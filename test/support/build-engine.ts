// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { type BuildOptions, type BuildProgress, Container, Image } from '../../src/index.js'
import { makeRootfs, makeTar } from '../integration/image/rootfs.js'
import { type TestEngine, useTestEngine } from './test-engine.js'

/** An engine that has the image `base:1`, with busybox as its shell, for tests that build on it. */
export interface BuildEngine {
  readonly host: TestEngine
  build(dockerfileText: string, options?: BuildOptions): Promise<Image>
  /** The image, and names of the steps that no record had. */
  told(
    dockerfileText: string,
    options?: BuildOptions,
  ): Promise<{ readonly image: Image; readonly done: readonly string[] }>
  /** What a shell in a container of the image writes. */
  say(image: Image, script: string): Promise<string>
}

/** The program that is in `base:1`. */
export const box = '/bin/busybox'

/** Opens one before the tests of a file. */
export const useBuildEngine = (): BuildEngine => {
  const host = useTestEngine()
  beforeAll(async () => {
    const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
    const tar = await makeTar(rootfs, join(host.directory, 'rootfs.tar'))
    await Image.import(tar, { engine: host.engine, tag: 'base:1' })
  })
  const build = (dockerfileText: string, options: BuildOptions = {}) =>
    Image.build({ engine: host.engine, dockerfileText, network: 'none', ...options })
  return {
    host,
    build,
    told: async (text, options) => {
      const done: string[] = []
      const onProgress = (event: BuildProgress) => {
        if (event.type === 'done') done.push(event.step.name)
      }
      return { image: await build(text, { ...options, onProgress }), done }
    },
    say: async (image, script) => {
      const options = { engine: host.engine, network: 'none' } as const
      return (await Container.runOnce(image, [box, 'sh', '-c', script], options)).stdout
    },
  }
}
