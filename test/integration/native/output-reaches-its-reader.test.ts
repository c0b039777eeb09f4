// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { addon } from '../../../src/native/addon.js'
import { createPipe } from '../../../src/native/descriptor.js'
import { createInput } from '../../../src/native/input.js'
import { Output } from '../../../src/native/output.js'
import { ownDescriptors } from './own-descriptors.js'

function run(script: string): { output: Output; exited: Promise<unknown> } {
  const { readEnd, writeEnd } = createPipe()
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', writeEnd.fd, 'inherit'] })
  writeEnd.close()
  return { output: new Output(readEnd).ref(), exited: once(child, 'exit') }
}

async function sizeOf(output: Output): Promise<number> {
  let bytes = 0
  for await (const chunk of output) bytes += chunk.length
  return bytes
}

describe('output', () => {
  it('arrives whole, small and large', async () => {
    const before = ownDescriptors(/^pipe:/)
    expect(Buffer.concat(await run('printf "zwölf"').output.toArray()).toString()).toBe('zwölf')
    expect(await sizeOf(run('head -c 100000000 /dev/zero').output)).toBe(100_000_000)
    expect(await sizeOf(run('true').output)).toBe(0)
    expect(ownDescriptors(/^pipe:/)).toEqual(before)
  })

  it('is each reader’s own where many read at once, little and much', async () => {
    const script = (word: string, size: number) =>
      `for i in 1 2 3 4 5; do head -c ${size} /dev/zero | tr '\\0' ${word}; echo; sleep 0.01; done`
    const sizes = [1, 100, 5000, 32_767, 32_768, 40_000, 65_535, 65_536, 200_000]
    const wanted = sizes.map((size, index) => ({ size, word: String.fromCharCode(97 + index) }))
    const kept = await Promise.all(
      wanted.map(async ({ size, word }) => {
        const chunks: Buffer[] = await run(script(word, size)).output.toArray()
        return chunks
      }),
    )
    // Looked at when all are there: nobody has written into what another one was given.
    for (const [index, { size, word }] of wanted.entries())
      expect(Buffer.concat(kept[index] ?? []).toString() === `${word.repeat(size)}\n`.repeat(5)).toBe(true)
  })

  it('keeps its content when buffers are used again', async () => {
    const script = 'seq 1 400000; for i in 1 2 3; do sleep 0.02; echo small; done; seq 1 400000'
    const text = Buffer.concat(await run(script).output.toArray()).toString()
    const numbers = Array.from({ length: 400_000 }, (_, i) => `${i + 1}\n`).join('')
    expect(text === `${numbers}${'small\n'.repeat(3)}${numbers}`).toBe(true)
  })

  it('that nobody reads holds the writer back', async () => {
    const { output, exited } = run('head -c 10000000 /dev/zero')
    let done = false
    void exited.then(() => {
      done = true
    })
    await sleep(200)
    expect(done).toBe(false)
    expect(output.readableLength).toBeLessThan(400_000)
    expect(await sizeOf(output)).toBe(10_000_000)
  })

  it('ends after the grace when a background process holds the pipe, with all that the program wrote', async () => {
    const { output, exited } = run('sleep 5 & echo $!; head -c 300000 /dev/zero')
    const chunks = output.toArray()
    await exited
    const begun = performance.now()
    output.endAfterExit(100)
    const all = Buffer.concat(await chunks)
    expect(performance.now() - begun).toBeLessThan(3000)
    const line = all.subarray(0, all.indexOf('\n') + 1)
    expect(all.length - line.length).toBe(300_000)
    process.kill(Number(line.toString()), 'SIGKILL')
  })

  it('ends at once, grace or not, when nobody holds the pipe', async () => {
    const { output, exited } = run('echo done')
    const chunks = output.toArray()
    await exited
    output.endAfterExit(60_000)
    expect(Buffer.concat(await chunks).toString()).toBe('done\n')
  })

  it('loses nothing to a slow reader', async () => {
    const { output, exited } = run('sleep 60 & echo $!; head -c 60000 /dev/zero')
    await exited
    output.endAfterExit(1)
    const chunks: Buffer[] = []
    for await (const chunk of output) {
      chunks.push(chunk)
      await sleep(50)
    }
    const all = Buffer.concat(chunks)
    const line = all.subarray(0, all.indexOf('\n') + 1)
    process.kill(Number(line.toString()), 'SIGKILL')
    expect(all.length - line.length).toBe(60_000)
  })

  it('that is destroyed closes its pipe', async () => {
    const before = ownDescriptors(/^pipe:/)
    const { output, exited } = run('exec yes')
    await once(output, 'readable')
    output.destroy()
    const [, signal] = (await exited) as [number, string]
    expect(signal).toBe('SIGPIPE')
    expect(ownDescriptors(/^pipe:/)).toEqual(before)
  })
})

describe('input', () => {
  it('reaches the program, and its end too', async () => {
    const toChild = createPipe()
    const { readEnd, writeEnd } = createPipe()
    spawn('wc', ['-c'], { stdio: [toChild.readEnd.fd, writeEnd.fd, 'inherit'] })
    toChild.readEnd.close()
    writeEnd.close()
    const input = createInput(toChild.writeEnd)
    input.write('x'.repeat(500_000))
    input.end('end')
    expect(
      Buffer.concat(await new Output(readEnd).ref().toArray())
        .toString()
        .trim(),
    ).toBe('500003')
  })

  it('fails with EPIPE when nobody reads any more', async () => {
    const { readEnd, writeEnd } = createPipe()
    const input = createInput(writeEnd)
    readEnd.close()
    input.write('anybody?')
    const [error] = await once(input, 'error')
    expect(error.code).toBe('EPIPE')
  })
})

describe('descriptors', () => {
  it('are closed by their owner only', () => {
    const { readEnd, writeEnd } = createPipe()
    const number = writeEnd.fd
    writeEnd.close()
    writeEnd.close()
    expect(() => writeEnd.fd).toThrow(TypeError)
    expect(addon().closeDescriptor(number)).toBe(false)
    expect(addon().closeDescriptor(0)).toBe(false)
    readEnd.close()
  })
})
