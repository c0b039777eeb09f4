// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, Image } from '../../../src/index.js'
import { makeTar } from '../image/rootfs.js'

/** An image in which nothing can be run: one file. */
export const makeBareImage = async (engine: Engine, directory: string): Promise<Image> => {
  const root = join(directory, 'bare')
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'only'), 'of the image\n')
  return await Image.import(await makeTar(root, join(directory, 'bare.tar')), { engine, tag: 'bare:1' })
}
