// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, stat } from 'node:fs/promises'

/** Proportional set size of one process in kB (proc(5), smaps_rollup); 0 where it is gone. */
export async function pssKb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
}

/**
 * All processes that run the same executable as `pid`: the supervisor, its monitors, and the inits that it forked. It lies in a memfd,
 * whose inode no other engine shares.
 */
export async function sameProgram(pid: number): Promise<readonly number[]> {
  const program = await executable(pid)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const programs = await Promise.all(pids.map(executable))
  return pids.filter((_, index) => programs[index] === program)
}

async function executable(pid: number): Promise<string | undefined> {
  const info = await stat(`/proc/${pid}/exe`).catch(() => undefined)
  return info && `${info.dev}:${info.ino}`
}

const kernelParts = ['Slab', 'KernelStack', 'PageTables', 'Percpu']

/** What the kernel holds for itself, in kB (proc(5), meminfo): of the whole machine, so that only differences say something. */
export async function kernelKb(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8')
  return kernelParts.reduce(
    (sum, part) => sum + Number(new RegExp(`^${part}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0),
    0,
  )
}
