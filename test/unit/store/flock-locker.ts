// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { FileLocker } from '../../../src/store/file-locker.js'

/** Real locks without the addon: flock(1) holds each one in a process of its own. */
export const flockLocker: FileLocker = {
  async lock(path, mode, options = {}) {
    options.signal?.throwIfAborted()
    const holder = spawn('flock', [`--${mode}`, path, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(holder, 'exit')
    const abort = () => void holder.kill()
    options.signal?.addEventListener('abort', abort, { once: true })
    const [first] = await Promise.race([once(holder.stdout, 'data'), ended.then(() => [null])])
    options.signal?.removeEventListener('abort', abort)
    options.signal?.throwIfAborted()
    if (first === null) throw new Error('flock ended')
    return {
      release: async () => {
        holder.stdin.end()
        await ended
      },
    }
  },
}
