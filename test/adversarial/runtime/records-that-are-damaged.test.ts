// SPDX-License-Identifier: Apache-2.0
import { access, readdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const record = (id: string) => join(host.directory, 'other/containers', id, 'container.json')
const state = (id: string) => join(host.directory, 'other/containers', id, 'state.json')

const damages: Readonly<Record<string, (id: string) => Promise<void>>> = {
  truncated: (id) => truncate(record(id), 20),
  empty: (id) => truncate(record(id), 0),
  zeroed: async (id) => writeFile(record(id), Buffer.alloc((await readFile(record(id))).length)),
  'no-object': (id) => writeFile(record(id), '[]'),
  'of-another-version': async (id) => {
    const message = JSON.parse(await readFile(record(id), 'utf8'))
    await writeFile(record(id), JSON.stringify({ ...message, record: { ...message.record, version: 99 } }))
  },
  'a-link': async (id) => {
    await rename(record(id), join(host.directory, 'elsewhere'))
    await symlink(join(host.directory, 'canary'), record(id))
  },
}

// A record in parts is what a loss of power leaves of a file that was not synced.
test('a container whose record is damaged is set aside with what it holds, and the others work', async () => {
  await writeFile(join(host.directory, 'canary'), '{}')
  const options = { root: join(host.directory, 'other'), runRoot: join(host.directory, 'other-run') }
  const engine = await Engine.open(options)
  const image = await Image.host({ engine })
  const make = async (name: string) => {
    const command = ['sh', '-c', 'echo kept >/file']
    const box = await Container.run(image, { engine, name, detached: true, network: 'none', command })
    await box.wait()
    return box.id
  }
  const ids = new Map<string, string>()
  for (const name of [...Object.keys(damages), 'good', 'without-state']) ids.set(name, await make(name))
  const idOf = (name: string) => ids.get(name) ?? ''
  await engine.close()
  await supervisorGone(options.runRoot)
  for (const [name, damage] of Object.entries(damages)) await damage(idOf(name))
  await truncate(state(idOf('without-state')), 3)

  const later = await Engine.open(options)
  try {
    const names = (await Container.list({ engine: later, all: true })).map(({ name }) => name).sort()
    // Another version's can be removed, and is not touched until then.
    expect(names).toEqual(['good', 'of-another-version', 'without-state'])
    const good = await Container.get('good', { engine: later })
    await good.start()
    expect(await good.wait()).toMatchObject({ code: 0 })
    for (const name of ['truncated', 'empty', 'zeroed', 'no-object', 'a-link']) {
      await expect(Container.get(name, { engine: later }), name).rejects.toMatchObject({
        code: 'ERR_CONTAINER_NOT_FOUND',
      })
      const aside = join(options.root, 'quarantine', idOf(name))
      expect(await readdir(aside), name).toContain('container.json')
      // Overlay keeps what was written in its upper directory, a copied root in its own.
      const kept = await Promise.any(['upper/file', 'merged/file'].map((path) => access(join(aside, path))))
      expect(kept).toBeUndefined()
    }
    const again = await Container.run(await Image.host({ engine: later }), {
      engine: later,
      name: 'truncated',
      command: ['true'],
    })
    await again.remove({ force: true })
    expect(await readFile(join(host.directory, 'canary'), 'utf8')).toBe('{}')
  } finally {
    for (const box of await Container.list({ engine: later, all: true })) await box.remove({ force: true })
    for (const left of await Image.list({ engine: later })) await left.remove({ force: true })
    await later.close()
    await supervisorGone(options.runRoot)
  }
})
