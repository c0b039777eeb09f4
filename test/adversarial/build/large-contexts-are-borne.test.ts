// SPDX-License-Identifier: Apache-2.0
// security.md, Build: a context of very many files, and patterns that are meant to take for ever.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestSource } from '../../../src/build/context/digest-source.js'
import { openDirectoryContext } from '../../../src/build/context/open-directory-context.js'
import { Image } from '../../../src/index.js'
import { memory } from '../../crash/world.js'
import { useBuildEngine } from '../../support/build-engine.js'
import { slow } from '../../support/slow.js'

const { host } = useBuildEngine()

test(
  'a context of a hundred thousand files costs little memory, in this process and in the workers',
  async () => {
    const context = await mkdtemp(join(memory() ?? host.directory, 'tsc-many-'))
    try {
      // A shell is quicker than as many promises.
      const script = 'for d in $(seq 100); do mkdir $d; cd $d; seq 1000 | xargs touch; cd ..; done; echo x > 1/1'
      execFileSync('sh', ['-c', script], { cwd: context })
      const opened = openDirectoryContext(context)
      const images = await host.engine.core.images()
      const watch = watchMemory((await host.engine.info()).supervisorPid)
      const { entries, digest } = await digestSource(images, opened, { sources: ['.'] })
      const { node, workers } = watch.end()
      expect(entries).toBe(100_100)
      expect(node).toBeLessThan(50_000)
      expect(workers).toBeLessThan(60_000)
      // What is known is not read again.
      await utimes(join(context, '1/1'), 1, 1)
      expect((await digestSource(images, opened, { sources: ['.'] })).digest).toBe(digest)
      await writeFile(join(context, '50/50'), 'changed')
      expect((await digestSource(images, opened, { sources: ['.'] })).digest).not.toBe(digest)
      await opened.close()
    } finally {
      execFileSync('rm', ['-rf', context])
    }
  },
  60_000 * slow,
)

// In KiB: how much more this process has than at the beginning, and the most that a child of the supervisor had.
function watchMemory(supervisor: number): { end(): { readonly node: number; readonly workers: number } } {
  const before = process.memoryUsage().rss
  let [node, workers] = [0, 0]
  const look = () => {
    node = Math.max(node, (process.memoryUsage().rss - before) / 1024)
    const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ')
    for (const child of children) {
      const status = existsSync(`/proc/${child}/status`) ? readFileSync(`/proc/${child}/status`, 'utf8') : ''
      workers = Math.max(workers, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    }
  }
  const timer = setInterval(look, 5)
  return {
    end: () => {
      clearInterval(timer)
      return { node, workers }
    },
  }
}

test(
  'patterns that are meant to take for ever do not',
  async () => {
    const context = join(host.directory, 'evil')
    await mkdir(context)
    for (let number = 0; number < 200; number++) await writeFile(join(context, `${'a'.repeat(200)}${number}`), 'x')
    const evil = [
      `${'a*'.repeat(60)}b`,
      `${'**/'.repeat(200)}b`,
      `${'*'.repeat(5000)}b`,
      `!${'?*'.repeat(100)}b`,
      `${'[a-z]*'.repeat(50)}!`,
    ]
    const text = Array.from({ length: 20 }, () => evil.join('\n')).join('\n')
    await writeFile(join(context, '.dockerignore'), text)
    const began = performance.now()
    await Image.build({ engine: host.engine, context, dockerfileText: 'FROM scratch\nCOPY . /\n' })
    expect(performance.now() - began).toBeLessThan(10_000 * slow)
    await writeFile(join(context, '.dockerignore'), 'x\n'.repeat(2_000_000))
    const large = Image.build({ engine: host.engine, context, dockerfileText: 'FROM scratch\nCOPY . /\n' })
    await expect(large).rejects.toMatchObject({ code: 'ERR_IGNORE_PATTERN', hint: expect.any(String) })
    await writeFile(join(context, '.dockerignore'), 'x\n'.repeat(20_000))
    await expect(
      Image.build({ engine: host.engine, context, dockerfileText: 'FROM scratch\nCOPY . /\n' }),
    ).rejects.toMatchObject({ code: 'ERR_IGNORE_PATTERN' })
  },
  60_000 * slow,
)
