// SPDX-License-Identifier: Apache-2.0
import { Container, type Engine, Image, Network, Volume } from '../../src/index.js'

const name = 'promised'
const tag = `${name}:1`
const text = 'kept whatever happens\n'

/** Whether that is the name of something that nobody is to remove. */
export const isPromised = (named: string): boolean => named.includes(name)

/** An image; a volume with a file in it; a detached container that runs on a network, with the volume and a file of its own. */
export const keepPromises = async (engine: Engine, rootTar: string): Promise<void> => {
  const image = await Image.import(rootTar, { engine, tag })
  await Volume.create({ engine, name })
  const made = await Network.create({ engine, name })
  // Without root a network ends with its engine, a detached container does not.
  const network = process.getuid?.() === 0 ? made : 'none'
  const mounts = [{ type: 'volume', source: name, target: '/volume' }] as const
  const container = await Container.run(image, {
    engine,
    name,
    mounts,
    network,
    detached: true,
    command: ['sleep', '100000'],
  })
  await container.fs.writeFile('/file-of-its-own', text)
  await container.fs.writeFile('/volume/file', text)
}

/** What of it is no longer as it was. Whether the image still makes containers takes longest: that is asked only `whole`. */
export const brokenPromises = async (
  engine: Engine,
  { whole }: { readonly whole: boolean },
): Promise<readonly string[]> => {
  const broken: string[] = []
  const check = async (what: string, seen: () => Promise<string>, expected: string) => {
    const found = await seen().catch((error: Error) => `${error.message}`)
    if (found !== expected) broken.push(`${what}: ${found}`)
  }
  const sh = async (script: string) => (await (await Container.get(name, { engine })).sh(script)).stdout
  await check('the container', async () => (await Container.get(name, { engine })).state, 'running')
  await check('its file and that of the volume', () => sh('cat /file-of-its-own /volume/file'), text + text)
  await check('the volume', async () => (await Volume.get(name, { engine })).name, name)
  await check('the network', async () => (await Network.get(name, { engine })).name, name)
  await check('the image', async () => String((await Image.get(tag, { engine })).tags.length), '1')
  if (!whole) return broken
  const argv = ['sh', '-c', 'cat /file']
  const runOnce = async () =>
    (await Container.runOnce(await Image.get(tag, { engine }), argv, { engine, network: 'none' })).stdout
  await check('a container of the image', runOnce, 'content\n')
  return broken
}
