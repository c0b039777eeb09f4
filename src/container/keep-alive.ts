// SPDX-License-Identifier: Apache-2.0

const longMs = 2 ** 31 - 1
let timer: NodeJS.Timeout | undefined
let count = 0

/** Keeps the process alive until the returned function is called: for waits that nothing else in Node knows of. */
export function keepAlive(): () => void {
  if (count++ === 0) timer = setInterval(() => {}, longMs)
  let held = true
  return () => {
    if (!held) return
    held = false
    if (--count === 0) clearInterval(timer)
  }
}
