// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
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

/**
 * Where files are in memory, if there is such a place: nobody who is killed cares about the disk, but whoever writes a layer waits for it, and on a
 * busy machine that is most of the time of a round.
 */
export const memory = (): string | undefined => {
  const place = '/dev/shm'
  const mount = read('/proc/self/mountinfo')
    .split('\n')
    .findLast((line) => line.split(' ')[4] === place)
  if (!mount?.includes(' - tmpfs ') || mount.includes('noexec')) return undefined
  const { bavail, bsize } = statfsSync(place)
  return bavail * bsize > 2 ** 30 ? place : undefined
}

const defaultActor = fileURLToPath(new URL('actor.ts', import.meta.url))

export const makeWorld = async (base = process.env.TSC_TEST_ROOT ?? tmpdir(), actor = defaultActor): Promise<World> => {
  const directory = await mkdtemp(join(base, 'tsc-crash-'))
  await chmod(directory, 0o755)
  const [root, runRoot] = [join(directory, 'root'), join(directory, 'run')]
  await mkdir(runRoot, { mode: 0o700 })
  const program = await bundleProgram(actor, directory)
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  return { directory, root, runRoot, program, cgroup: `tscontainer-${shortHash(runRoot)}`, remove }
}

// FNV-1a, as in addon/supervisor/host.cc.
const shortHash = (text: string): string => {
  let hash = 1469598103934665603n
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 1099511628211n) & 0xffff_ffff_ffff_ffffn
  return (hash >> 16n).toString(16).padStart(12, '0')
}

// Looked at again and again while the machine has better things to do: each call is short, and none waits for a thread.
const read = (path: string): string => quietly(() => readFileSync(path, 'utf8'), '')
const linkOf = (path: string): string => quietly(() => readlinkSync(path), '')
const entries = (path: string): readonly string[] => quietly(() => readdirSync(path), [])

const quietly = <T>(look: () => T, otherwise: T): T => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

/** The processes of that engine, zombies aside, as `pid name`. */
export const processesIn = ({ directory, cgroup }: World): readonly string[] => {
  const own = linkOf('/proc/self/ns/mnt')
  return entries('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    const stat = read(`/proc/${pid}/stat`)
    // Those of the kernel are children of 2.
    if (stat === '' || /\) (?:[ZX]|. 2 )/.test(stat)) return []
    // A namespace of mounts that names our directories is the supervisor's, a worker's or a container's.
    const foreign = linkOf(`/proc/${pid}/ns/mnt`) !== own
    const isOurs =
      read(`/proc/${pid}/cgroup`).includes(cgroup) ||
      (foreign && read(`/proc/${pid}/mountinfo`).includes(`${basename(directory)}/`))
    return isOurs ? [`${pid} ${/\((.*)\)/.exec(stat)?.[1]}`] : []
  })
}

const mountPoints = (): readonly string[] =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .flatMap((line) => line.split(' ')[4] ?? [])

const directoriesIn = (path: string): readonly string[] =>
  quietly(() => readdirSync(path, { withFileTypes: true }), [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))

const tree = (path: string): readonly string[] => [path, ...directoriesIn(path).flatMap(tree)]

const find = (path: string, name: string): readonly string[] =>
  directoriesIn(path).flatMap((child) => (basename(child) === name ? [child] : find(child, name)))

/** The cgroups of that engine in all hierarchies. */
export const cgroupsIn = ({ cgroup }: World): readonly string[] =>
  mountPoints().flatMap((point) => find(point, cgroup).flatMap(tree))

const mountsIn = ({ directory }: World): readonly string[] =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(`${basename(directory)}/`))

const brokenLayers = ({ root }: World): readonly string[] =>
  entries(join(root, 'layers')).filter(
    (name) => !name.startsWith('.') && !existsSync(join(root, 'layers', name, 'layer.json')),
  )

// FNV-1a, as in addon/supervisor/network_host.cc: the group of its links.
const linkGroup = (name: string): number => {
  let hash = 2166136261
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 16777619)
  return (hash & 0x3fff_ffff) | 0x4000_0000
}

// Not by /sys/class/net: that is of the network namespace in which it was mounted.
const linksIn = async ({ cgroup }: World): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)('ip', ['-json', 'link', 'show', 'group', String(linkGroup(cgroup))])
  return (JSON.parse(stdout || '[]') as { readonly ifname?: string }[]).flatMap(({ ifname }) => ifname ?? [])
}

const tablesIn = async ({ cgroup }: World): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)('nft', ['list', 'tables'])
  return stdout.split('\n').filter((line) => line.endsWith(cgroup))
}

type Lists = Readonly<Record<string, readonly string[]>>

// What is gone last comes last: those before it are cheaper to look at.
const filesIn = ({ root, runRoot }: World, supervisor: number | undefined): Lists => ({
  container: entries(join(root, 'containers')),
  name: entries(join(root, 'names')),
  // Those that have a name stay, and what commands of builds keep.
  volume: entries(join(root, 'volumes')).filter((name) => name !== 'kept' && !name.startsWith('build-cache-')),
  trash: entries(join(root, 'trash')),
  staging: entries(join(root, 'tmp')),
  parked: supervisor ? [] : entries(join(root, 'parked')),
  temporary: entries(root).filter((name) => name.endsWith('.tmp')),
  place: entries(join(runRoot, 'v1/endpoints')),
  address: entries(join(runRoot, 'v1/addresses')),
  monitor: entries(join(runRoot, 'v1/monitors')),
  holder: entries(join(runRoot, 'v1/holders')).filter(() => !supervisor),
  socket: entries(join(runRoot, 'v1')).filter((name) => !supervisor && name.endsWith('.sock')),
})

const kernelIn = (world: World, supervisor: number | undefined): Lists => ({
  process: processesIn(world).filter((line) => !isSupervisorsProcess(line, supervisor)),
  mount: mountsIn(world),
  cgroup: cgroupsIn(world).filter(
    (path, _, all) => !supervisor || !(isSupervisors(path, world.cgroup) || isSpare(path, all)),
  ),
  layer: brokenLayers(world),
})

const linesOf = (lists: Lists): readonly string[] =>
  Object.entries(lists).flatMap(([kind, things]) => things.map((thing) => `${kind} ${thing}`))

interface Looking {
  readonly supervisor?: number | undefined
  /** Whether what was being made of an image counts. */
  readonly staging?: boolean | undefined
  /** Lines that do not count either. */
  readonly isUsual?: ((line: string) => boolean) | undefined
}

/**
 * What the engine left: processes, mounts, cgroups, files of containers, staging directories, sockets. A supervisor that is known to
 * be there, its nursery, what both keep parked, and its socket are no leftovers. Looks no further where some are found, unless it is to find `all`.
 */
const leftoversIn = async (
  world: World,
  { supervisor, staging = true, isUsual = () => false }: Looking,
  { all }: { readonly all: boolean },
): Promise<readonly string[]> => {
  const counts = (line: string) => !isUsual(line) && (staging || !/^(staging|temporary) /.test(line))
  const files = linesOf(filesIn(world, supervisor)).filter(counts)
  if (files.length > 0 && !all) return files
  const kernel = linesOf(kernelIn(world, supervisor)).filter(counts)
  if (kernel.length > 0 && !all) return kernel
  const network = { link: await linksIn(world), table: await tablesIn(world) }
  return [...files, ...kernel, ...linesOf(network).filter(counts)]
}

// The kernel cuts names at 15 bytes: "tscontainer-parked", "tscontainer-nursery". Who answers for names stays two seconds longer than there are any,
// who keeps the way out as long as the supervisor ("tscontainer-outbound"). Of what is parked the first process is an init already.
const isSupervisorsProcess = (line: string, supervisor: number | undefined): boolean => {
  if (supervisor === undefined) return false
  const [pid, name = ''] = line.split(' ')
  return Number(pid) === supervisor || /^tscontainer-(par|nur|dns|out)$/.test(name) || isParkedInit(pid)
}

/** Whether it is a parked child that has no container yet. */
export const isParkedInit = (pid: number | string | undefined): boolean => {
  const [first] = read(`/proc/${pid}/task/${pid}/children`).split(' ')
  return Boolean(first) && read(`/proc/${first}/comm`).startsWith('tscontainer-par')
}

const isSupervisors = (path: string, cgroup: string): boolean =>
  basename(path) === cgroup || path.endsWith(`${cgroup}/.supervisor`) || basename(path).startsWith('parked-')

// The one that a container's next command will have: nobody is in it.
const isSpare = (path: string, all: readonly string[]): boolean => {
  const ofExecs = `${dirname(path)}/exec-`
  const isOnly = path.startsWith(ofExecs) && all.filter((other) => other.startsWith(ofExecs)).length === 1
  return isOnly && read(join(path, 'cgroup.events')).includes('populated 0')
}

/** Resolves with what is still left when nothing is, or that long after. */
export const settle = async (
  world: World,
  options: Looking & { readonly timeoutMs: number },
): Promise<readonly string[]> => {
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const isLast = performance.now() > deadline
    const left = await leftoversIn(world, options, { all: isLast })
    if (left.length === 0 || isLast) return left
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
