// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'

/** The parent of a container's first process: its monitor, or the supervisor. */
export const ownerOf = (pid: number | null): number => {
  const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (parent === undefined || Number(parent) < 2) throw new Error(`process ${pid} has no owner`)
  return Number(parent)
}

/** Whether it runs: one that has ended, and that nobody has asked for yet, does not. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
