// SPDX-License-Identifier: Apache-2.0
// One cell of the privilege matrix: whoever runs this, with the cgroups it finds. Prints one line of JSON; ends with 0 when `true` ran.
//   node test/matrix/cell.mjs DIRECTORY      one that the caller may write; what is made in it is removed again
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const { Container, Engine, Image } = await import(pathToFileURL(join(top, 'dist/index.js')).href)

// A refusal with a code is an answer; anything else says where it came from.
const answer = async (promise) => {
  try {
    return await promise
  } catch (error) {
    return error.code ? `${error.code}: ${error.message}` : String(error.stack)
  }
}

const ran = async (image, options) => {
  const container = await Container.create(image, options)
  try {
    await container.start()
    return await container.wait()
  } finally {
    await container.remove({ force: true })
  }
}

const trueRuns = async (image, engine) => {
  const started = performance.now()
  const { code } = await ran(image, { engine, command: ['true'] })
  return `${code} in ${Math.round(performance.now() - started)} ms`
}

// A file in /dev/shm is counted as memory: 64 MiB do not hold 100.
const memoryLimit = async (image, engine) => {
  const command = ['dd', 'if=/dev/zero', 'of=/dev/shm/file', 'bs=1M', 'count=100']
  const { oomKilled, code } = await ran(image, { engine, command, memory: '64MiB', shmSize: '200MiB' })
  return code === 0 ? 'not held' : `held${oomKilled ? ', OOM seen' : ''}`
}

const anotherUser = async (image, engine) => {
  const container = await Container.run(image, { engine, idle: true })
  try {
    return (await container.exec(['id', '-u'], { user: '1000' })).stdout.trim()
  } finally {
    await container.remove({ force: true })
  }
}

const directory = mkdtempSync(join(process.argv[2] ?? '/var/tmp', 'tsc-cell-'))
mkdirSync(join(directory, 'run'), { mode: 0o700 })
const report = { uid: process.getuid(), kernel: release() }
let engine
try {
  report.probe = await answer(Engine.probe().then(({ usable, lacks }) => ({ usable, lacks })))
  engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  const image = await Image.host({ engine })
  report.true = await answer(trueRuns(image, engine))
  const { idMap, userns, cgroup, snapshotter } = await engine.info()
  Object.assign(report, { idMap, userns, cgroup, snapshotter })
  report.memory = await answer(memoryLimit(image, engine))
  report.user = await answer(anotherUser(image, engine))
  await image.remove()
} catch (error) {
  report.error = await answer(Promise.reject(error))
} finally {
  await engine?.close()
}
console.log(JSON.stringify(report))
process.exitCode = String(report.true).startsWith('0 in') ? 0 : 1
// What is there until the supervisor has left is still its own: the links that it takes away are named by its records.
const deadline = performance.now() + 30_000
while (existsSync(join(directory, 'run/v1/supervisor.sock')) && performance.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, 10))
}
rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
