// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { type Attachment, Container, type ContainerOptions, Engine } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const withBox = async (options: ContainerOptions, act: (box: Container) => Promise<void>): Promise<void> => {
  const box = await host.create(options)
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}
const script = (text: string): ContainerOptions => ({ command: ['sh', '-c', text] })
const lineOf = async (attachment: Attachment, wanted: string): Promise<void> => {
  for await (const line of attachment.stdout.lines()) if (line === wanted) return
  throw new Error(`${wanted} did not come`)
}

describe('output', () => {
  test('of a container that is attached to before its start is whole, to the last byte', async () => {
    await withBox(script('echo out; echo err >&2; head -c 300000 /dev/zero; echo end'), async (box) => {
      const attachment = box.attach()
      const streams = Promise.all([text(attachment.stdout), text(attachment.stderr)])
      await box.start()
      const [out, err] = await streams
      expect(out.length).toBe(4 + 300_000 + 4)
      expect(out.startsWith('out\n')).toBe(true)
      expect(out.endsWith('end\n')).toBe(true)
      expect(err).toBe('err\n')
      expect(await attachment.ended()).toBe('exited')
      expect(attachment.lostBytes).toBe(0)
    })
  })

  test('goes to several at once, in order of arrival, beside the log', async () => {
    await withBox(
      { ...script('read go; echo a; sleep 0.05; echo b >&2; sleep 0.05; echo c'), stdin: 'pipe' },
      async (box) => {
        await box.start()
        const attachments = [
          box.attach({ stdin: 'ignore' }),
          box.attach({ stdin: 'ignore' }),
          box.attach({ stdin: 'go\n' }),
        ]
        const seen = await Promise.all(
          attachments.map(async ({ output }) => {
            const chunks: string[] = []
            for await (const { stream, chunk } of output) chunks.push(`${stream} ${Buffer.from(chunk)}`)
            return chunks
          }),
        )
        for (const chunks of seen) expect(chunks).toEqual(['stdout a\n', 'stderr b\n', 'stdout c\n'])
        const logged: string[] = []
        for await (const { line } of box.logs()) logged.push(line)
        expect(logged).toEqual(['a', 'b', 'c'])
      },
    )
  })

  test('begins with the attachment: what was before is in the log', async () => {
    await withBox({ ...script('echo before; read line; echo after'), stdin: 'pipe' }, async (box) => {
      await box.start()
      for await (const { line } of box.logs({ follow: true })) if (line === 'before') break
      const attachment = box.attach({ stdin: '\n' })
      expect(await text(attachment.stdout)).toBe('after\n')
    })
  })

  test('is not held up by somebody who does not read; what was left out is counted', async () => {
    await withBox(script('head -c 8000000 /dev/zero; echo; echo done'), async (box) => {
      const idle = box.attach()
      const busy = box.attach({ whenSlow: 'wait' })
      await Promise.all([idle.attached(), busy.attached()])
      await box.start()
      const bytes = (await text(busy.stdout)).length
      expect(bytes).toBe(8_000_006)
      expect((await box.wait()).code).toBe(0)
      expect(await idle.ended()).toBe('exited')
      const seen = (await text(idle.stdout)).length
      expect(seen).toBeGreaterThan(65_536)
      await expect.poll(() => idle.lostBytes).toBe(8_000_006 - seen)
      let last = ''
      for await (const { line } of box.logs({ tail: 1 })) last = line
      expect(last).toBe('done')
    })
  })

  test('waits for a reader that asked for it', async () => {
    await withBox(script('head -c 8000000 /dev/zero; echo done >&2'), async (box) => {
      const attachment = box.attach({ whenSlow: 'wait' })
      await box.start()
      await expect.poll(() => box.state, { timeout: 300 }).toBe('running')
      let bytes = 0
      for await (const chunk of attachment.stdout) bytes += chunk.byteLength
      expect(bytes).toBe(8_000_000)
      expect(attachment.lostBytes).toBe(0)
    })
  })

  test('comes without any log, too', async () => {
    await withBox({ ...script('echo seen'), logs: { driver: 'none' } }, async (box) => {
      const attachment = box.attach()
      await box.start()
      expect(await text(attachment.stdout)).toBe('seen\n')
    })
  })
})

describe('input', () => {
  test('is written by many, stays open when they leave, and ends when one of them closes it', async () => {
    await withBox({ command: ['cat'], stdin: 'pipe' }, async (box) => {
      // Written before the start, it waits for it.
      const first = box.attach()
      await first.stdin!.getWriter().write('one\n')
      await box.start()
      await lineOf(first, 'one')
      await first.detach()
      expect(await first.ended()).toBe('detached')
      const second = box.attach({ stdin: Readable.from(['two\n', 'three\n']) })
      expect(await text(second.stdout)).toBe('two\nthree\n')
      expect(await second.ended()).toBe('exited')
      expect(await box.wait()).toMatchObject({ code: 0 })
      const logged: string[] = []
      for await (const { line } of box.logs()) logged.push(line)
      expect(logged).toEqual(['one', 'two', 'three'])
    })
  })

  test('that nobody reads holds its writer back, and tells when it is closed', async () => {
    await withBox({ ...script('exec 0<&-; echo closed; sleep 1000'), stdin: 'pipe' }, async (box) => {
      await box.start()
      const attachment = box.attach()
      const writer = attachment.stdin!.getWriter()
      const failure = (async () => {
        for (;;) await writer.write('x'.repeat(65_536))
      })()
      await expect(failure).rejects.toMatchObject({ code: 'EPIPE' })
      // The end of the one stream is not the end of the attachment.
      expect(box.state).toBe('running')
      await attachment.detach()
    })
  })

  test('of megabytes arrives whole', async () => {
    await withBox({ command: ['sha256sum'], stdin: 'pipe' }, async (box) => {
      await box.start()
      const attachment = box.attach({ stdin: Buffer.alloc(5_000_000, 'abcdefgh') })
      const { createHash } = await import('node:crypto')
      const expected = createHash('sha256').update(Buffer.alloc(5_000_000, 'abcdefgh')).digest('hex')
      expect(await text(attachment.stdout)).toBe(`${expected}  -\n`)
    })
  })

  test('whose source fails stays open, and the attachment tells', async () => {
    await withBox({ command: ['cat'], stdin: 'pipe' }, async (box) => {
      await box.start()
      const source = new Readable({ read: () => {} })
      source.push('half\n')
      const attachment = box.attach({ stdin: source })
      await lineOf(attachment, 'half')
      source.destroy(new Error('the source broke'))
      await expect(attachment.ended()).rejects.toThrow('the source broke')
      expect(await text(box.attach({ stdin: 'rest' }).stdout)).toBe('rest')
    })
  })

  test('is not there unless it was asked for', async () => {
    await withBox({ command: ['sleep', '1000'] }, async (box) => {
      expect(box.attach().stdin).toBeNull()
      expect(() => box.attach({ stdin: 'x' })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    })
    await expect(host.create({ idle: true, stdin: 'pipe' })).rejects.toMatchObject({ option: 'stdin' })
  })
})

describe('a terminal', () => {
  test('has one stream, a size, and its end-of-file character', async () => {
    const options = { tty: { columns: 70, rows: 20 }, stdin: 'pipe' as const }
    await withBox({ ...script('stty size; echo err >&2; cat; stty size'), ...options }, async (box) => {
      const attachment = box.attach()
      await box.start()
      const writer = attachment.stdin!.getWriter()
      await attachment.resize({ columns: 132, rows: 43 })
      await writer.write('typed\n')
      await writer.close()
      const out = (await text(attachment.stdout)).replaceAll('\r', '')
      // The terminal's own echo comes whenever it was typed.
      expect(out).toMatch(/err\n(typed\n){1,2}43 132\n$/)
      expect(await text(attachment.stderr)).toBe('')
      await expect(attachment.resize({ columns: 0, rows: 1 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    })
  })

  test('reads a text that the container was made with', async () => {
    await withBox({ command: ['cat'], tty: true, stdin: 'no newline' }, async (box) => {
      await box.start()
      expect(await box.wait()).toMatchObject({ code: 0 })
    })
  })
})

describe('an attachment', () => {
  test('is refused where nothing runs, and ends with the reason of its signal', async () => {
    await withBox(script('exit 0'), async (box) => {
      await box.start()
      await box.wait()
      await expect(box.attach().ended()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
      await expect(box.attach().stdout.getReader().read()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
    })
    await withBox({ command: ['sleep', '1000'] }, async (box) => {
      await box.start()
      const aborted = box.attach({ signal: AbortSignal.abort(new Error('too early')) })
      await expect(aborted.attached()).rejects.toThrow('too early')
      const controller = new AbortController()
      const attachment = box.attach({ signal: controller.signal })
      await attachment.attached()
      controller.abort(new Error('enough'))
      await expect(attachment.ended()).rejects.toThrow('enough')
      expect(box.state).toBe('running')
      expect(() => box.attach({ when: 1 } as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    })
  })

  test('belongs to one run: the next start wants a new one', async () => {
    await withBox({ command: ['cat'], stdin: 'pipe' }, async (box) => {
      for (const line of ['first', 'second']) {
        await box.start()
        expect(await text(box.attach({ stdin: line }).stdout)).toBe(line)
        await box.wait()
      }
    })
  })

  test('to a detached container comes from another process, and over a new connection', async () => {
    const program = await runProgram(
      host.directory,
      'detached',
      `import { Container, Engine, Image } from 'tscontainer'
       const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
       await Container.run(await Image.host({ engine }), {
         engine, name: 'reads', detached: true, stdin: 'pipe', command: ['sh', '-c', 'while read l; do echo "got $l"; done; exit 7'],
       })
       process.kill(process.pid, 'SIGKILL')`,
    )
    await program.ended()
    const box = await Container.get('reads', { engine: host.engine })
    const attachment = box.attach()
    await attachment.stdin!.getWriter().write('a\n')
    await lineOf(attachment, 'got a')
    const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
    const again = (await Container.get('reads', { engine: other })).attach()
    const writer = again.stdin!.getWriter()
    await writer.write('b\n')
    await writer.close()
    expect(await text(again.stdout)).toBe('got b\n')
    expect(await attachment.ended()).toBe('exited')
    await other.close()
    expect(await box.wait()).toMatchObject({ code: 7 })
    await box.remove()
  })

  test('of a process that is killed is gone, and the input goes on without it', async () => {
    await withBox({ command: ['cat'], stdin: 'pipe' }, async (box) => {
      await box.start()
      const program = await runProgram(
        host.directory,
        'attaches',
        `import { Container, Engine } from 'tscontainer'
         const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
         const attachment = (await Container.get('${box.id}', { engine })).attach({ whenSlow: 'wait' })
         await attachment.stdin!.getWriter().write('theirs\\n')
         for await (const line of attachment.stdout.lines()) break
         process.kill(process.pid, 'SIGKILL')`,
      )
      await program.ended()
      expect(box.state).toBe('running')
      expect(await text(box.attach({ stdin: 'ours\n' }).stdout)).toBe('ours\n')
    })
  })
})
