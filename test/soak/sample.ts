// SPDX-License-Identifier: Apache-2.0
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupsIn, processesIn, type World } from '../crash/world.js'

/** What this process and everything of an engine hold at one moment. */
export interface Sample {
  /** How much was done by then. */
  readonly done: number
  /** Node's heap after a collection, in KiB. */
  readonly heap: number
  /** Node's proportional set size (proc(5), smaps_rollup), in KiB. */
  readonly node: number
  /** That of the supervisor and of all its processes together. */
  readonly engine: number
  /** Of Node and of all of the engine's processes, as the next three. */
  readonly descriptors: number
  readonly threads: number
  readonly processes: number
  readonly cgroups: number
  /** In the supervisor's mount namespace. */
  readonly mounts: number
  readonly links: number
  /** Files and directories below the root and the run directory. */
  readonly files: number
  /** What they take on the disk, in KiB. */
  readonly disk: number
}

export type Measure = Exclude<keyof Sample, 'done'>

const quietly = <T>(look: () => T, otherwise: T): T => {
  try {
    return look()
  } catch {
    return otherwise
  }
}
const read = (path: string): string => quietly(() => readFileSync(path, 'utf8'), '')
const count = (path: string): number => quietly(() => readdirSync(path).length, 0)
const number = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)

const pss = (pid: number | 'self'): number => number(read(`/proc/${pid}/smaps_rollup`), 'Pss')
const threads = (pid: number | 'self'): number => number(read(`/proc/${pid}/status`), 'Threads')
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

interface Size {
  files: number
  blocks: number
}

const measure = (directory: string, size: Size): Size => {
  const entries = quietly<Dirent[]>(() => readdirSync(directory, { withFileTypes: true }), [])
  for (const entry of entries) {
    const path = join(directory, entry.name)
    size.files++
    size.blocks += quietly(() => statSync(path, { throwIfNoEntry: false })?.blocks ?? 0, 0)
    if (entry.isDirectory()) measure(path, size)
  }
  return size
}

/** Looks at everything at once. The engine should be at rest; only root sees what a supervisor holds. */
export const sample = (world: World, supervisor: number, done: number): Sample => {
  global.gc?.()
  const pids = processesIn(world).map((line) => Number(line.split(' ')[0]))
  const size = [world.root, world.runRoot].reduce((total, path) => measure(path, total), { files: 0, blocks: 0 })
  return {
    done,
    heap: Math.round(process.memoryUsage().heapUsed / 1024),
    node: pss('self'),
    engine: sum(pids.map(pss)),
    descriptors: count('/proc/self/fd') + sum(pids.map((pid) => count(`/proc/${pid}/fd`))),
    threads: threads('self') + sum(pids.map(threads)),
    processes: 1 + pids.length,
    cgroups: cgroupsIn(world).length,
    mounts: read(`/proc/${supervisor}/mountinfo`).split('\n').length - 1,
    // Not /sys/class/net: that is of the network namespace in which it was mounted.
    links: read('/proc/self/net/dev').split('\n').length - 3,
    files: size.files,
    disk: Math.round(size.blocks / 2),
  }
}

// What is kept ready for the next containers grows with what is wanted at a time, and shrinks after a second without them
// (addon/supervisor/parking.cc); what is removed in the background is gone by then.
const calmMs = 1200
const restMs = 10_000
const lookMs = 100

/** {@link sample} after a calm, once two looks in a row see as much, or ten seconds later. */
export const sampleAtRest = async (world: World, supervisor: number, done: number): Promise<Sample> => {
  const deadline = performance.now() + restMs
  const counts = ({ descriptors, processes, cgroups, files, mounts, links }: Sample) =>
    [descriptors, processes, cgroups, files, mounts, links].join(' ')
  await sleep(calmMs)
  let last = sample(world, supervisor, done)
  for (;;) {
    await sleep(lookMs)
    const now = sample(world, supervisor, done)
    if (counts(now) === counts(last) || performance.now() > deadline) return now
    last = now
  }
}
