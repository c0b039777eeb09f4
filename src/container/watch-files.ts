// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { createPipe } from '../native/descriptor.js'
import { Output } from '../native/output.js'
import { onAbort } from '../util/abort.js'
import { checkOptions } from '../util/validate.js'
import { fileError } from './ask-file.js'
import { linkTo } from './container-link.js'
import { requireLegal } from './container-state.js'
import { checkPath, fileShapes, plainPath, type WatchOptions } from './file-options.js'
import { keepAlive } from './keep-alive.js'
import type { Subject } from './operate.js'

/** What happened to a file that is watched. */
export type FileEvent =
  | {
      /** `'changed'`: its content; `'attributes'`: mode, owner, times or links. */
      readonly type: 'created' | 'changed' | 'attributes' | 'deleted'
      /** Absolute, inside. */
      readonly path: string
      /** Whether it is a directory. */
      readonly directory: boolean
    }
  | {
      /** It has another name. A move from where nobody watches is `'created'`, one to there `'deleted'`. */
      readonly type: 'moved'
      /** Its new name. */
      readonly path: string
      /** Its old name. */
      readonly from: string
      /** Whether it is a directory. */
      readonly directory: boolean
    }
  | {
      /** More happened than the kernel keeps for a reader that does not read: look for yourself. */
      readonly type: 'overflow'
      /** What is watched. */
      readonly path: string
      /** Of no meaning here. */
      readonly directory: boolean
    }

/** Events of files, one iteration only. Ends when the container ends, or what is watched goes away; leaving the loop ends it too. */
export interface FileWatch extends AsyncIterable<FileEvent>, AsyncDisposable {
  /** Resolves when everything is watched: what happens from then on is told. */
  ready(): Promise<void>
  /** Ends it. */
  close(): Promise<void>
}

/** Watches by inotify(7), in the container's own mounts. */
export function watchFiles(subject: Subject, path: string, options: WatchOptions): FileWatch {
  checkPath(path)
  checkOptions<WatchOptions>(options, fileShapes.watch)
  return new Watch(subject, plainPath(path), options)
}

class Watch implements FileWatch {
  readonly #ended = new AbortController()
  readonly #stopListening: () => void
  readonly #output: Output
  readonly #whole: Promise<unknown>
  #isReady!: () => void
  readonly #ready: Promise<void>
  #closed = false

  constructor(subject: Subject, path: string, { signal, recursive = false }: WatchOptions) {
    const { readEnd, writeEnd } = createPipe()
    this.#output = new Output(readEnd)
    const ready = new Promise<void>((resolve) => {
      this.#isReady = resolve
    })
    this.#whole = this.#watch(subject, { path, recursive, output: writeEnd.fd }).finally(() => writeEnd.close())
    this.#ready = Promise.race([ready, this.#whole.then(() => {})])
    for (const promise of [this.#ready, this.#whole]) promise.catch(() => {})
    this.#stopListening = onAbort(signal, (reason) => this.#ended.abort(reason))
    this.#whole.catch(() => {}).finally(() => this.#stopListening())
  }

  async #watch(
    { context, container }: Subject,
    { path, recursive, output }: { readonly path: string; readonly recursive: boolean; readonly output: number },
  ): Promise<void> {
    const { signal } = this.#ended
    signal.throwIfAborted()
    requireLegal('use files of', container)
    const connection = await linkTo(context, container)
    const failure = { doing: `watch ${quoted(path, 300)} in container '${container.name}'` }
    const args = { container: container.id, path, recursive }
    const onProgress = () => this.#isReady()
    try {
      await connection.request('file.watch', args, { fds: [output], signal, failure, ref: false, onProgress })
    } catch (error) {
      throw fileError(error)
    }
  }

  async ready(): Promise<void> {
    const release = keepAlive()
    try {
      await this.#ready
    } finally {
      release()
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileEvent, void, undefined> {
    const chunks = this.#output[Symbol.asyncIterator]()
    let rest = Buffer.alloc(0)
    try {
      for (;;) {
        const { done, value } = await this.#next(chunks)
        if (done) break
        rest = Buffer.concat([rest, value as Buffer])
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const line = rest.subarray(0, end).toString()
          rest = rest.subarray(end + 1)
          yield JSON.parse(line) as FileEvent
        }
      }
      await this.#whole.catch(endsCleanly(this.#closed))
    } finally {
      await this.close()
    }
  }

  // A stream that was closed in the middle says so, which is what was wanted.
  async #next(chunks: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
    const release = keepAlive()
    try {
      return this.#closed ? { done: true, value: undefined } : await chunks.next()
    } catch (error) {
      if (this.#closed) return { done: true, value: undefined }
      throw error
    } finally {
      release()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#ended.abort(new Error('the watch was closed'))
    this.#output.destroy()
    await this.#whole.catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

// The container has ended, or is gone: there is nothing more to tell.
function endsCleanly(closed: boolean): (error: unknown) => void {
  return (error) => {
    const ended = EngineError.is(error, 'ERR_CONTAINER_STATE') || EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')
    if (!ended && !closed) throw error
  }
}
