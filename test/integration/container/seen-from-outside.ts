// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of a process's cgroup, read from outside, in whichever tree has the controller. */
export const cgroupFile = async (
  pid: number | null,
  controller: string,
  names: { readonly v1: string; readonly v2: string },
): Promise<{ readonly version: 'v1' | 'v2'; readonly text: string }> => {
  const cgroups = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n')
  const parts = cgroups.map((line) => line.split(':') as [string, string, string])
  const v1 = parts.find(([, list]) => list.split(',').includes(controller))
  const version = v1 ? 'v1' : 'v2'
  const [, , path] = v1 ?? (parts.find(([, list]) => list === '') as [string, string, string])
  const top = await mountOf(v1 ? controller : null)
  // On v2 the limits are on the container's own cgroup, above the one with its processes.
  for (const directory of [path, join(path, '..')]) {
    try {
      return { version, text: (await readFile(join(top, directory, names[version]), 'utf8')).trim() }
    } catch {}
  }
  throw new Error(`there is no ${names[version]} in ${top}${path}`)
}

const mountOf = async (controller: string | null): Promise<string> => {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const fits = (line: string) =>
    controller === null
      ? line.includes(' - cgroup2 ')
      : line.includes(' - cgroup ') && line.split(' ').at(-1)?.split(',').includes(controller)
  return lines.find(fits)?.split(' ')[4] ?? '/sys/fs/cgroup'
}

/** A disk of this machine. */
export const rootDevice = async (): Promise<{ readonly path: string; readonly numbers: string }> => {
  const [, , ...lines] = (await readFile('/proc/partitions', 'utf8')).trim().split('\n')
  const [major, minor, , name] =
    lines
      .find((line) => / (vd|sd|nvme|xvd|hd)/.test(line))
      ?.trim()
      .split(/\s+/) ?? []
  return { path: `/dev/${name}`, numbers: `${major}:${minor}` }
}
