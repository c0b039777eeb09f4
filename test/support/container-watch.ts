// SPDX-License-Identifier: Apache-2.0
import type { Container, ContainerListeners } from '../../src/index.js'
import { slow } from './slow.js'

/** The life of one container as short words, and a way to wait for what is to come. */
export interface ContainerWatch {
  /** To be given to the container's creation, so that nothing is missed. */
  readonly on: ContainerListeners
  /** `started`, `restarted`, `resumed`, `stopped 1`, `stopped 1 again` (a restart is to come), `healthy` … */
  readonly seen: readonly string[]
  /** When each of them was told, in milliseconds. */
  readonly times: readonly number[]
  /** Resolves when that has been seen so often. */
  until(word: string, count?: number): Promise<void>
}

/** Writes down what becomes of a container. */
export const watchContainer = (): ContainerWatch => {
  const seen: string[] = []
  const times: number[] = []
  const waiting = new Set<() => void>()
  const note = (word: string, time: Date) => {
    seen.push(word)
    times.push(time.getTime())
    for (const check of [...waiting]) check()
  }
  const on: ContainerListeners = {
    running: ({ reason, time }) => note(reason, time),
    stopped: ({ exit, willRestart, reason, time }) =>
      note(`stopped ${exit.code}${willRestart ? ' again' : ''}${reason ? ` ${reason}` : ''}`, time),
    health: ({ status, time }) => note(status, time),
    removed: ({ time }) => note('removed', time),
  }
  const until = (word: string, count = 1) =>
    new Promise<void>((resolve, reject) => {
      const limit = 20_000 * slow
      const late = () => reject(new Error(`no ${count}. '${word}' within ${limit} ms, but: ${seen.join(', ')}`))
      const timer = setTimeout(late, limit)
      const check = () => {
        if (seen.filter((entry) => entry === word).length < count) return
        waiting.delete(check)
        clearTimeout(timer)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return { on, seen, times, until }
}

/** Asks again and again, for as long as nothing tells: resolves with the first answer that will do. */
export const eventually = async <T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> => {
  const deadline = performance.now() + 20_000 * slow
  for (;;) {
    const answer = await ask()
    if (good(answer)) return answer
    if (performance.now() > deadline) throw new Error(`it never came: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The lines of its log. */
export const logLines = async (box: Container, follow = false): Promise<string[]> => {
  const lines: string[] = []
  for await (const { line } of box.logs({ follow })) lines.push(line)
  return lines
}
