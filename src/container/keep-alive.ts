// SPDX-License-Identifier: Apache-2.0

const longMs = 2 ** 31 - 1
// Taken now: a program that replaces the timers later, as its tests may, has its process kept alive all the same.
const { setInterval: startTimer } = globalThis
let timer: NodeJS.Timeout | undefined
let count = 0

/** Keeps the process alive until the returned function is called: for waits that nothing else in Node knows of. */
export function keepAlive(): () => void {
  // Made once: to hold one and to let it go is nearly nothing.
  timer ??= startTimer(() => {}, longMs)
  if (count++ === 0) timer.ref()
  let held = true
  return () => {
    if (!held) return
    held = false
    if (--count === 0) timer?.unref()
  }
}
