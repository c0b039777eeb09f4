// SPDX-License-Identifier: Apache-2.0
// What the thread sanitizer looks at: several worker threads, each with an engine of its own, at once; every other one is ended in the middle.
//   TSCONTAINER_ADDON=… LD_PRELOAD=libtsan.so node test/sanitizers/threads.mjs DIRECTORY
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const self = fileURLToPath(import.meta.url)

const work = async ({ directory, lives }) => {
  const { Container, Engine, Image } = createRequire(self)('../../dist/index.cjs')
  const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  const image = await Image.host({ engine })
  for (let life = 0; life < lives; life++) {
    const { stdout } = await Container.runOnce(image, ['cat'], { engine, network: 'none', stdin: `life ${life}` })
    if (stdout !== `life ${life}`) throw new Error(`said ${stdout}`)
    parentPort.postMessage(life)
  }
  await engine.close()
}

const lead = async (directory) => {
  for (let round = 0; round < 3; round++) {
    const threads = [0, 1, 2, 3].map(async (number) => {
      const worker = new Worker(self, { workerData: { directory: join(directory, `${round}-${number}`), lives: 5 } })
      const ended = once(worker, 'exit')
      await once(worker, 'message')
      if (number % 2 === 1) await worker.terminate()
      await ended
    })
    await Promise.all(threads)
  }
}

if (isMainThread) await lead(process.argv[2])
else await work(workerData)
