// SPDX-License-Identifier: Apache-2.0
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { work } from '../../../src/layer/layer-work.js'
import { openDirectory } from '../../../src/native/descriptor.js'
import type { TestEngine } from '../../support/test-engine.js'

/** The layers that builds made and that do not pack to their diffID, or are half. */
export const damagedLayers = async ({ engine, root }: TestEngine): Promise<readonly string[]> => {
  const { connection } = await engine.core.supervisor()
  const made = await builtLayers(root)
  const damaged: string[] = []
  for (const layer of made) {
    const source = openDirectory(join(root, 'layers', layer, 'fs'))
    const output = await open('/dev/null', 'w')
    try {
      const packed = await work(
        connection,
        'layer.pack',
        { overlay: true },
        { fds: [source.fd, output.fd], doing: 'pack' },
      )
      if (Reflect.get(packed as object, 'diffId') !== `sha256:${layer}`) damaged.push(layer)
    } finally {
      source.close()
      await output.close()
    }
  }
  return damaged
}

const builtLayers = async (root: string): Promise<ReadonlySet<string>> => {
  const records = join(root, 'builds/records')
  const found = new Set<string>()
  for (const name of await readdir(records)) {
    const text = await readFile(join(records, name), 'utf8').catch(() => '{"layers":[]}')
    // Those of images came otherwise, and may pack otherwise.
    for (const { diffId, createdAt, isEmpty } of JSON.parse(text).layers)
      if (createdAt !== undefined && !isEmpty) found.add(diffId.slice('sha256:'.length))
  }
  const there = new Set(await readdir(join(root, 'layers')))
  return new Set([...found].filter((layer) => there.has(layer)))
}
