// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'

beforeAll(async () => {
  const tar = await makeTar(await makeRootfs(join(host.directory, 'rootfs')), join(host.directory, 'rootfs.tar'))
  await Image.import(tar, { engine: host.engine, tag: 'base:1' })
})

// Each waits for the other in a cache that both see: one after the other they would wait for ever.
const meeting = (own: string, other: string) =>
  `RUN --mount=type=cache,id=meet,target=/meet ${box} touch /meet/${own}; \
until [ -e /meet/${other} ]; do ${box} sleep 0.02; done; echo met > /${own}\n`

test(
  'stages that do not depend on each other run at the same time',
  async () => {
    const dockerfileText = `FROM base:1 AS one\n${meeting('one', 'two')}FROM base:1 AS two\n${meeting('two', 'one')}
FROM base:1\nCOPY --from=one /one /\nCOPY --from=two /two /\n`
    const signal = AbortSignal.timeout(60_000)
    const build = Image.build({ engine: host.engine, dockerfileText, signal })
    await build
    const { steps } = await build.report()
    const [one, two] = steps.filter(({ name }) => name.includes('/meet/'))
    if (one?.startedMs == null || two?.startedMs == null) throw new Error('the commands are not in the report')
    expect(one.startedMs).toBeLessThan(two.startedMs + two.durationMs)
    expect(two.startedMs).toBeLessThan(one.startedMs + one.durationMs)
  },
  90_000 * slow,
)
