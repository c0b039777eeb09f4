// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from 'node:fs/promises'

const quietly = async (promise: Promise<string>): Promise<string> => {
  try {
    return await promise
  } catch {
    return ''
  }
}

// An engine's process: the supervisor and what it forks run the sealed memfd `tscontainer-supervisor`; what a container runs has
// another executable, but sits in a cgroup of ours.
const isEngines = async (pid: string): Promise<boolean> => {
  const [executable, name, cgroup] = await Promise.all([
    quietly(readlink(`/proc/${pid}/exe`)),
    quietly(readFile(`/proc/${pid}/comm`, 'utf8')),
    quietly(readFile(`/proc/${pid}/cgroup`, 'utf8')),
  ])
  const memfd = executable.startsWith('/memfd:tscontainer') || executable.includes('tscontainer-supervisor')
  return memfd || name.startsWith('tscontainer') || cgroup.includes('tscontainer')
}

const describe = async (pid: string): Promise<string> => {
  const name = (await quietly(readFile(`/proc/${pid}/comm`, 'utf8'))).trim()
  const state = /^State:\s+(\S)/m.exec(await quietly(readFile(`/proc/${pid}/status`, 'utf8')))?.[1] ?? '?'
  return `${pid} ${name} (${state})`
}

// It has ended, and all that is left of it is the machine's first process to take note, which some do only now and then.
const isOver = async (pid: string): Promise<boolean> => {
  const status = await quietly(readFile(`/proc/${pid}/status`, 'utf8'))
  return /^State:\s+[ZX]/m.test(status) && /^PPid:\s+1$/m.test(status)
}

// Other parts of the tests run beside this one, each in a process namespace of its own: all that they make descends from those processes.
const beside = process.env.TSC_TEST_BESIDE?.split(' ') ?? []

const isBeside = async (pid: string): Promise<boolean> => {
  if (beside.includes(pid)) return true
  const parent = /^PPid:\s+(\d+)$/m.exec(await quietly(readFile(`/proc/${pid}/status`, 'utf8')))?.[1] ?? '0'
  return Number(parent) > 1 && (await isBeside(parent))
}

const isLookedFor = async (pid: string): Promise<boolean> =>
  (await isEngines(pid)) && !(await isOver(pid)) && !(beside.length > 0 && (await isBeside(pid)))

const namespacesOf = async (pid: string): Promise<readonly string[]> => {
  const kinds = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time']
  const links = kinds.map((kind) => quietly(readlink(`/proc/${pid}/ns/${kind}`)))
  return (await Promise.all(links)).filter((link) => link !== '')
}

/** The engine processes of the machine, and the namespaces they are in that are not ours. */
export const processesOf = async (): Promise<{
  readonly processes: readonly string[]
  readonly namespaces: readonly string[]
}> => {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
  const engine: string[] = []
  for (const pid of all) if (await isLookedFor(pid)) engine.push(pid)
  const own = new Set(await namespacesOf('self'))
  const theirs = new Set((await Promise.all(engine.map(namespacesOf))).flat())
  return {
    processes: await Promise.all(engine.map(describe)),
    namespaces: [...theirs].filter((link) => !own.has(link)),
  }
}
