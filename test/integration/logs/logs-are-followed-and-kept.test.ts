// SPDX-License-Identifier: Apache-2.0
import { rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Container, ContainerOptions, LogEntry, LogsOptions } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const withBox = async (options: ContainerOptions, act: (box: Container) => Promise<void>): Promise<void> => {
  const box = await host.run(options)
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}
const script = (text: string): ContainerOptions => ({ command: ['sh', '-c', text] })
const all = async (box: Container, options: LogsOptions = {}): Promise<LogEntry[]> => {
  const entries: LogEntry[] = []
  for await (const entry of box.logs(options)) entries.push(entry)
  return entries
}
const texts = async (box: Container, options?: LogsOptions) => (await all(box, options)).map(({ line }) => line)
const logFile = (box: Container) => join(host.root, 'containers', box.id, 'log.jsonl')
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

describe('a log', () => {
  test('has streams, times, long lines in parts, and bytes that are no text', async () => {
    const odd = 'printf "a\\\\377b\\n"; echo err >&2; head -c 40000 /dev/zero | tr "\\\\0" x; echo; printf unfinished'
    await withBox(script(odd), async (box) => {
      const began = BigInt(Date.now() - 5000) * 1_000_000n
      await box.wait()
      const entries = await all(box)
      const [first] = entries
      expect([...(first?.bytes ?? [])]).toEqual([97, 255, 98])
      expect(first?.line).toBe('a\ufffdb')
      expect(entries.find(({ stream }) => stream === 'stderr')?.line).toBe('err')
      const long = entries.filter(({ line }) => line.startsWith('xx'))
      expect(long.map(({ partial }) => partial)).toEqual([true, true, false])
      expect(long.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBe(40_000)
      expect(entries.at(-1)?.line).toBe('unfinished')
      for (const { timeNs } of entries) expect(timeNs).toBeGreaterThan(began)
    })
  })

  test('is followed across rotations without a line lost or told twice', async () => {
    const slowly = 'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo $i; [ $((i % 100)) = 0 ] && sleep 0.01; done'
    await withBox({ ...script(slowly), logs: { maxSize: '16k', maxFiles: 20 } }, async (box) => {
      expect(await texts(box, { follow: true })).toEqual(numbers(1, 3000))
      const kept = await all(box)
      expect(kept.at(-1)?.line).toBe('3000')
      const middle = kept[Math.floor(kept.length / 2)] as LogEntry
      expect(await texts(box, { since: middle.cursor })).toEqual(numbers(Number(middle.line) + 1, 3000))
      expect(await texts(box, { tail: 700 })).toEqual(numbers(2301, 3000))
    })
  })

  test('goes on from a cursor whose file is long gone, even where its inode was given out again', async () => {
    const loud = 'echo first; read go; seq 20000'
    await withBox({ ...script(loud), stdin: 'pipe', logs: { maxSize: '16k', maxFiles: 2 } }, async (box) => {
      let cursor = ''
      for await (const entry of box.logs({ follow: true })) {
        cursor = entry.cursor
        break
      }
      await box.attach({ stdin: '\n' }).ended()
      const left = await texts(box, { since: cursor })
      expect(left.length).toBeGreaterThan(100)
      expect(left).toEqual(numbers(20_001 - left.length, 20_000))
    })
  })

  test('that is removed by hand, or moved away, while it is followed is made anew', async () => {
    const talk = 'echo one; while read line; do echo $line; done'
    await withBox({ ...script(talk), stdin: 'pipe' }, async (box) => {
      const writer = box.attach({ stdout: 'ignore' }).stdin!.getWriter()
      const seen: string[] = []
      const next: Record<string, () => Promise<void>> = {
        one: async () => {
          await unlink(logFile(box))
          await writer.write('two\n')
        },
        two: async () => {
          await rename(logFile(box), `${logFile(box)}.elsewhere`)
          await unlink(`${logFile(box)}.elsewhere`)
          await writer.write('three\n')
        },
        three: async () => await writer.close(),
      }
      for await (const { line } of box.logs({ follow: true })) {
        seen.push(line)
        await next[line]?.()
      }
      expect(seen).toEqual(['one', 'two', 'three'])
      expect(await texts(box)).toEqual(['three'])
    })
  })

  test('is read by another process, while it grows and after the end', async () => {
    await withBox({ ...script('echo hello; read line; echo bye'), stdin: 'pipe' }, async (box) => {
      const program = await runProgram(
        host.directory,
        'reads',
        `import { Container, Engine } from 'tscontainer'
         const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
         const box = await Container.get('${box.id}', { engine })
         for await (const { line } of box.logs({ follow: true })) console.log(line)
         for await (const { line } of box.logs({ tail: 1 })) console.log('last:', line)
         await engine.close()`,
      )
      expect(await program.line()).toBe('hello')
      await box.attach({ stdin: '\n' }).ended()
      expect(await program.ended()).toMatchObject({ code: 0, output: 'hello\nbye\nlast: bye\n' })
    })
  })

  test('of which only the end is wanted is read from the end, filtered too', async () => {
    await withBox(script('seq 200000; echo err >&2; seq 200001 200010'), async (box) => {
      await box.wait()
      expect(await texts(box, { tail: 3, stderr: false })).toEqual(['200008', '200009', '200010'])
      expect(await texts(box, { tail: 1, stdout: false })).toEqual(['err'])
      expect(await texts(box, { tail: 0 })).toEqual([])
      expect((await texts(box, { tail: 1_000_000 })).length).toBe(200_011)
    })
  })

  test('is followed from its end on', async () => {
    await withBox({ ...script('seq 1000; read go; echo more'), stdin: 'pipe' }, async (box) => {
      for await (const { line } of box.logs({ follow: true })) if (line === '1000') break
      const seen: string[] = []
      for await (const { line } of box.logs({ follow: true, tail: 2 })) {
        seen.push(line)
        if (line === '1000') await box.attach({ stdin: '\n' }).ended()
      }
      expect(seen).toEqual(['999', '1000', 'more'])
    })
  })
})

describe('a callback', () => {
  test('hears every line in order, and before the end that came after it', async () => {
    const heard: string[] = []
    const options: ContainerOptions = {
      ...script('seq 5000; echo err >&2; exit 3'),
      logs: { driver: 'callback', onEntry: ({ stream, line }) => void heard.push(`${stream} ${line}`) },
      on: { stopped: ({ exit }) => void heard.push(`stopped ${exit.code}`) },
    }
    await withBox(options, async (box) => {
      await box.wait()
      expect(heard.at(-1)).toBe('stopped 3')
      const out = heard.filter((line) => line.startsWith('stdout'))
      expect(out).toEqual(numbers(1, 5000).map((line) => `stdout ${line}`))
      expect(heard).toContain('stderr err')
      expect(() => box.logs()).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
      heard.length = 0
      await box.start()
      await box.wait()
      expect(heard).toHaveLength(5002)
    })
  })

  test('that is busy makes the container wait, and loses nothing', async () => {
    let count = 0
    const onEntry = () => {
      if (count++ === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    }
    await withBox({ ...script('seq 300000'), logs: { driver: 'callback', onEntry } }, async (box) => {
      await box.wait()
      await expect.poll(() => count).toBe(300_000)
    })
  })

  test('is refused where nobody could be called, or nobody is named', async () => {
    const onEntry = () => {}
    const refused = (options: ContainerOptions) =>
      expect(host.create({ command: ['true'], ...options })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await refused({ detached: true, logs: { driver: 'callback', onEntry } })
    await refused({ logs: { driver: 'callback' } })
    await refused({ logs: { onEntry } })
    await refused({ logs: { driver: 'syslog' as never } })
  })
})
