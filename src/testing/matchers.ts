// SPDX-License-Identifier: Apache-2.0
import type { ContainerHandle } from 'tscontainer'
import { expect } from 'vitest'
import { lastLines } from './last-lines.js'
import { listens } from './listening-ports.js'

/** How long a matcher waits. */
export interface Patience {
  /** Milliseconds; 5000 by default. With `.not` nothing is waited for. */
  readonly timeoutMs?: number | undefined
}

/** What `expect(container)` can be asked beside what vitest knows. Those that wait are awaited. */
export interface ContainerMatchers<R = unknown> {
  /** Its command has written a line that has this in it, or does within the time. */
  toHaveLogged(pattern: string | RegExp, patience?: Patience): Promise<R>
  /** Something in it listens on that TCP port, published or not, or does within the time. */
  toHavePort(port: number, patience?: Patience): Promise<R>
  /** It has ended with that exit code, any when none is given, or does within the time. */
  toHaveExited(code?: number, patience?: Patience): Promise<R>
  /** It runs now. */
  toBeRunning(): R
}

interface Outcome {
  readonly pass: boolean
  readonly message: () => string
}

const defaultPatienceMs = 5000
const pollMs = 20
const linesShown = 10

const waits = ({ isNot }: { readonly isNot?: boolean }, { timeoutMs = defaultPatienceMs }: Patience): number =>
  isNot ? 0 : timeoutMs

async function outcome(container: ContainerHandle, pass: boolean, what: string): Promise<Outcome> {
  const end = await lastLines(container, linesShown)
  return { pass, message: () => `expected container '${container.name}' ${pass ? 'not ' : ''}${what}: ${end}` }
}

async function hasLogged(container: ContainerHandle, pattern: string | RegExp, waitMs: number): Promise<boolean> {
  const fits = (line: string) =>
    typeof pattern === 'string'
      ? line.includes(pattern)
      : new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')).test(line)
  for await (const { line } of container.logs()) if (fits(line)) return true
  if (waitMs === 0) return false
  const signal = AbortSignal.timeout(waitMs)
  try {
    for await (const { line } of container.logs({ follow: true, signal })) if (fits(line)) return true
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return false
}

// The kernel tells nobody of a socket that begins to listen.
async function hasPort(container: ContainerHandle, port: number, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs
  while (!(await listens(container, port))) {
    if (performance.now() >= deadline || container.exit) return false
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return true
}

async function hasExited(container: ContainerHandle, waitMs: number): Promise<boolean> {
  if (container.exit || waitMs === 0) return container.exit !== null
  const signal = AbortSignal.timeout(waitMs)
  return await container.wait({ signal }).then(
    () => true,
    (error: unknown) => {
      if (signal.aborted) return false
      throw error
    },
  )
}

expect.extend({
  async toHaveLogged(container: ContainerHandle, pattern: string | RegExp, patience: Patience = {}) {
    return await outcome(
      container,
      await hasLogged(container, pattern, waits(this, patience)),
      `to have logged ${pattern}`,
    )
  },
  async toHavePort(container: ContainerHandle, port: number, patience: Patience = {}) {
    return await outcome(container, await hasPort(container, port, waits(this, patience)), `to listen on port ${port}`)
  },
  async toHaveExited(container: ContainerHandle, code?: number, patience: Patience = {}) {
    const exited = await hasExited(container, waits(this, patience))
    const pass = exited && (code === undefined || container.exit?.code === code)
    return await outcome(container, pass, code === undefined ? 'to have ended' : `to have ended with ${code}`)
  },
  toBeRunning({ name, state }: ContainerHandle) {
    const pass = state === 'running'
    return { pass, message: () => `expected container '${name}' ${pass ? 'not ' : ''}to run: it is ${state}` }
  },
})

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: all declarations of an interface have the same parameters
  interface Matchers<T = any> extends ContainerMatchers<T> {}
}

export { expect }
