// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleProgram } from '../support/bundle-program.js'

/** An engine's directories, of its own: whatever names them is this engine's. */
export interface World {
  readonly directory: string
  readonly root: string
  readonly runRoot: string
  /** What actors run. */
  readonly program: string
  /** How its cgroups are called in every hierarchy. */
  readonly cgroup: string
  remove(): Promise<void>
}

export const makeWorld = async (base = process.env.TSC_TEST_ROOT ?? tmpdir()): Promise<World> => {
  const directory = await mkdtemp(join(base, 'tsc-crash-'))
  await chmod(directory, 0o755)
  const [root, runRoot] = [join(directory, 'root'), join(directory, 'run')]
  await mkdir(runRoot, { mode: 0o700 })
  const program = await bundleProgram(fileURLToPath(new URL('actor.ts', import.meta.url)), directory)
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  return { directory, root, runRoot, program, cgroup: `tscontainer-${shortHash(runRoot)}`, remove }
}

// FNV-1a, as in addon/supervisor/host.cc.
const shortHash = (text: string): string => {
  let hash = 1469598103934665603n
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 1099511628211n) & 0xffff_ffff_ffff_ffffn
  return (hash >> 16n).toString(16).padStart(12, '0')
}

const quietly = (promise: Promise<string>): Promise<string> => promise.catch(() => '')
const entries = (path: string): Promise<readonly string[]> => readdir(path).catch(() => [])

/** The processes of that engine, zombies aside, as `pid name`. */
export const processesIn = async ({ directory, cgroup }: World): Promise<readonly string[]> => {
  const own = await readlink('/proc/self/ns/mnt')
  const found: string[] = []
  for (const pid of await entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const stat = await quietly(readFile(`/proc/${pid}/stat`, 'utf8'))
    if (stat === '' || /\) [ZX] /.test(stat)) continue
    const groups = await quietly(readFile(`/proc/${pid}/cgroup`, 'utf8'))
    // A namespace of mounts that names our directories is the supervisor's, a worker's or a container's.
    const foreign = (await quietly(readlink(`/proc/${pid}/ns/mnt`))) !== own
    const mounts = foreign ? await quietly(readFile(`/proc/${pid}/mountinfo`, 'utf8')) : ''
    if (groups.includes(cgroup) || mounts.includes(`${basename(directory)}/`)) {
      found.push(`${pid} ${/\((.*)\)/.exec(stat)?.[1]}`)
    }
  }
  return found
}

const mountPoints = async (): Promise<readonly string[]> =>
  (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .flatMap((line) => line.split(' ')[4] ?? [])

const directoriesIn = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))

const tree = async (path: string): Promise<readonly string[]> => [
  path,
  ...(await Promise.all((await directoriesIn(path)).map(tree))).flat(),
]

const find = async (path: string, name: string): Promise<readonly string[]> => {
  const children = await directoriesIn(path)
  const found = children.filter((child) => basename(child) === name)
  const deeper = children.filter((child) => basename(child) !== name)
  return [...found, ...(await Promise.all(deeper.map((child) => find(child, name)))).flat()]
}

/** The cgroups of that engine in all hierarchies. */
export const cgroupsIn = async ({ cgroup }: World): Promise<readonly string[]> => {
  const bases = (await Promise.all((await mountPoints()).map((point) => find(point, cgroup)))).flat()
  return (await Promise.all(bases.map(tree))).flat()
}

const mountsIn = async ({ directory }: World): Promise<readonly string[]> =>
  (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(`${basename(directory)}/`))

const brokenLayers = async ({ root }: World): Promise<readonly string[]> => {
  const names = await entries(join(root, 'layers'))
  return names.filter((name) => !name.startsWith('.') && !existsSync(join(root, 'layers', name, 'layer.json')))
}

// FNV-1a, as in addon/supervisor/network_host.cc: the group of its links.
const linkGroup = (name: string): number => {
  let hash = 2166136261
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 16777619)
  return (hash & 0x3fff_ffff) | 0x4000_0000
}

const linksIn = async ({ cgroup }: World): Promise<readonly string[]> => {
  const group = String(linkGroup(cgroup))
  const names = await entries('/sys/class/net')
  const groups = await Promise.all(
    names.map((name) => quietly(readFile(`/sys/class/net/${name}/netdev_group`, 'utf8'))),
  )
  return names.filter((_, index) => groups[index]?.trim() === group)
}

const tablesIn = async ({ cgroup }: World): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)('nft', ['list', 'tables'])
  return stdout.split('\n').filter((line) => line.endsWith(cgroup))
}

/**
 * What the engine left: processes, mounts, cgroups, files of containers, staging directories, sockets. A supervisor that is known to
 * be there, its nursery, what both keep parked, and its socket are no leftovers.
 */
export const leftoversIn = async (world: World, supervisor?: number | undefined): Promise<readonly string[]> => {
  const { root, runRoot, cgroup } = world
  const lists: Record<string, readonly string[]> = {
    process: (await processesIn(world)).filter((line) => !isSupervisorsProcess(line, supervisor)),
    mount: await mountsIn(world),
    cgroup: (await cgroupsIn(world)).filter((path) => !supervisor || !isSupervisors(path, cgroup)),
    container: await entries(join(root, 'containers')),
    name: await entries(join(root, 'names')),
    // The one that has a name stays.
    volume: (await entries(join(root, 'volumes'))).filter((name) => name !== 'kept'),
    trash: await entries(join(root, 'trash')),
    staging: await entries(join(root, 'tmp')),
    parked: supervisor ? [] : await entries(join(root, 'parked')),
    layer: await brokenLayers(world),
    temporary: (await entries(root)).filter((name) => name.endsWith('.tmp')),
    link: await linksIn(world),
    table: await tablesIn(world),
    place: await entries(join(runRoot, 'v1/endpoints')),
    address: await entries(join(runRoot, 'v1/addresses')),
    monitor: await entries(join(runRoot, 'v1/monitors')),
    socket: (await entries(join(runRoot, 'v1'))).filter((name) => !supervisor && name.endsWith('.sock')),
  }
  return Object.entries(lists).flatMap(([kind, things]) => things.map((thing) => `${kind} ${thing}`))
}

// The kernel cuts names at 15 bytes: "tscontainer-parked", "tscontainer-nursery".
const isSupervisorsProcess = (line: string, supervisor: number | undefined): boolean =>
  supervisor !== undefined && (line.startsWith(`${supervisor} `) || /tscontainer-(par|nur)$/.test(line))

const isSupervisors = (path: string, cgroup: string): boolean =>
  basename(path) === cgroup || path.endsWith(`${cgroup}/.supervisor`) || basename(path).startsWith('parked-')

/** Resolves with what is still left when nothing is, or that long after. */
export const settle = async (
  world: World,
  options: { readonly timeoutMs: number; readonly supervisor?: number | undefined },
): Promise<readonly string[]> => {
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const left = await leftoversIn(world, options.supervisor)
    if (left.length === 0 || performance.now() > deadline) return left
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
