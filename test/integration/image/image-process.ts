// SPDX-License-Identifier: Apache-2.0
// A process of its own that works on a store: `prepare ROOT RUN NAME`, or `import ROOT RUN FILE` of a file whose end never comes.
import { createReadStream } from 'node:fs'
import { getImage } from '../../../src/image/find-image.js'
import { importImage } from '../../../src/image/import-image.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { openImageStore } from './image-store.js'

const [what, root, runRoot, argument] = process.argv.slice(2) as [string, string, string, string]
const store = await openImageStore({ root, runRoot })

async function* endless(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { end: 1_000_000 })) yield chunk as Uint8Array
  process.stdout.write('waiting\n')
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}

if (what === 'import') await importImage(store, endless(argument))
else {
  const prepared = await prepareImage(store, await getImage(store, argument))
  process.stdout.write(`${prepared.layers.join(' ')}\n`)
}
;(await store.connection()).close()
