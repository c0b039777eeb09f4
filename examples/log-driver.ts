// SPDX-License-Identifier: Apache-2.0
// How do I send logs somewhere else? `npx tsx examples/log-driver.ts`
// This driver writes one file for each container; another one would send the lines to a collector.
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Container,
  Engine,
  Image,
  type LogDriver,
  type LogEntry,
  type LoggedContainer,
  type LogSink,
} from 'tscontainer'

export class FileLogDriver implements LogDriver {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async open({ name }: LoggedContainer, { prefix = '' }: Readonly<Record<string, string>>): Promise<LogSink> {
    return new FileSink(await open(join(this.#directory, `${prefix}${name}.log`), 'a'))
  }
}

class FileSink implements LogSink {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    this.#file = file
  }

  // The next line comes when this one is written: a slow disk makes the container wait, and no line is lost.
  async write({ stream, line, timeNs }: LogEntry): Promise<void> {
    const time = new Date(Number(timeNs / 1_000_000n)).toISOString()
    await this.#file.appendFile(`${time} ${stream}: ${line}\n`)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

if (process.argv[1] === import.meta.filename) {
  const directory = await mkdtemp(join(tmpdir(), 'logs-'))
  const engine = await Engine.open({ plugins: { logs: { files: new FileLogDriver(directory) } } })
  try {
    const logs = { driver: 'files', options: { prefix: 'app-' } }
    const command = ['sh', '-c', 'echo hello; echo oh no >&2']
    const box = await Container.run(await Image.host({ engine }), { engine, name: 'box', command, logs })
    await box.wait()
    await box.remove()
    const text = await readFile(join(directory, 'app-box.log'), 'utf8')
    console.log(text.replace(/^\S+ /gm, '').split('\n').sort().join('\n').trim())
  } finally {
    await engine.close()
    await rm(directory, { recursive: true })
  }
}
