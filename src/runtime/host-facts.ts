// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { normalizePlatform } from '../oci/platform.js'

/** What a container's specification depends on that is the host's. */
export interface HostFacts {
  /** Whether containers can have a user namespace of their own. */
  readonly userns: boolean
  readonly usernsReason?: string | undefined
  readonly rootless: boolean
  /** Names of the cgroup controllers that can be used, with `swap`, `devices` … among them. */
  readonly controllers: readonly string[]
  /** Controller → why it is missing. */
  readonly reasons: Readonly<Record<string, string>>
  /** Whether the store's file system limits directories (project quotas). */
  readonly diskQuotas?: boolean | undefined
  readonly kernel: string
  /** In Go's words. */
  readonly architecture: string
  /** Numbers of the processors that this machine can have. */
  readonly cpus: readonly number[]
}

/** The facts that the machine itself tells; the others are the supervisor's. */
export type MachineFacts = Pick<HostFacts, 'kernel' | 'architecture' | 'cpus'>

let machine: Promise<MachineFacts> | undefined

/** Reads them once; what could not be read, for want of a descriptor say, is read again by the next who asks. */
export async function machineFacts(): Promise<MachineFacts> {
  machine ??= readMachine()
  const facts = await machine
  if (facts.cpus.length === 0) machine = undefined
  return facts
}

async function readMachine(): Promise<MachineFacts> {
  const possible = await quietly('/sys/devices/system/cpu/possible')
  return {
    kernel: release(),
    architecture: normalizePlatform({ os: 'linux', architecture: process.arch }).architecture,
    cpus: parseCpuList(possible),
  }
}

/** `0-2,4` as numbers. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

async function quietly(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}
