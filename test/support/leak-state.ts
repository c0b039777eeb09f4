// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

const names = async (directory: string): Promise<readonly string[]> => {
  try {
    return await readdir(directory)
  } catch {
    return []
  }
}

const isOurs = (text: string, root: string | undefined): boolean =>
  text.includes('tscontainer') || (root !== undefined && text.includes(`${root}/`))

/** The mounts of our mount namespace that name an engine, or pin a namespace. */
export const mountsOf = async (root?: string | undefined): Promise<readonly string[]> => {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  return lines
    .filter((line) => isOurs(line, root) || line.includes(' - nsfs '))
    .map((line) => line.split(' - ')[0] ?? line)
}

const cgroupMounts = async (): Promise<readonly string[]> => {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  return lines.filter((line) => / - cgroup2? /.test(line)).flatMap((line) => line.split(' ')[4] ?? [])
}

const directories = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
  } catch {
    return []
  }
}

const cgroupsBelow = async (path: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (const child of await directories(path)) {
    if (child.includes('tscontainer')) found.push(child)
    found.push(...(await cgroupsBelow(child)))
  }
  return found
}

/** The cgroups of every hierarchy whose path names tscontainer. */
export const cgroupsOf = async (): Promise<readonly string[]> => {
  const found = await Promise.all((await cgroupMounts()).map(cgroupsBelow))
  return [...new Set(found.flat())]
}

// Numbers differ from file to file, what they stand for does not.
const kind = (target: string): string => target.replace(/^(socket|pipe):\[\d+\]$/, '$1')

/** Our own descriptors that an engine may have opened: pidfds, sockets, pipes, terminals, memfds, files and directories of an engine. */
export const descriptorsOf = async (root?: string | undefined): Promise<readonly string[]> => {
  const targets = await Promise.all(
    (await names('/proc/self/fd')).map(async (fd) => {
      try {
        return await readlink(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    }),
  )
  const suspicious =
    /pidfd|^socket:|^pipe:|^\/dev\/(ptmx|pts\/)|^\/memfd:|^(mnt|net|user|pid|ipc|uts|cgroup):\[|^\/proc\//
  return targets
    .filter((target) => suspicious.test(target) || isOurs(target.replace(process.cwd(), ''), root))
    .map(kind)
}
