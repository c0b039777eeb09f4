// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, type Contender } from '../alternate.js'
import { output } from '../peers/command.js'
import { ociRuntime } from '../peers/oci-runtime.js'
import type { Peer } from '../peers/peer.js'
import type { Outcome, Scenario } from '../scenario.js'
import type { Workbench } from '../workbench.js'

const turns = { rounds: 12, repeat: 3 }
const limits = ['--network', 'none', '--memory', '256m', '--pids-limit', '512']

interface Place {
  readonly bench: Workbench
  readonly directory: string
  readonly scenario: string
}

const scenario = (name: string, measure: (place: Place) => Promise<Outcome>, needs?: string): Scenario => ({
  name: `oci-runtime:${name}`,
  needs,
  run: async (bench) => {
    const directory = join(bench.disk.directory, `oci-runtime-${name}`)
    await mkdir(directory, { recursive: true })
    return measure({ bench, directory, scenario: `oci-runtime:${name}` })
  },
})

async function ourPeer({ bench, directory }: Place): Promise<Peer> {
  const peer = await ociRuntime(bench.runtimeCommand, { rootfs: bench.rootfs, directory })
  if (!peer) throw new Error(`${bench.runtimeCommand} is missing: npm run setup`)
  return peer
}

const others = ({ bench }: Place): readonly Peer[] => bench.peers.filter(({ name }) => /^(runc|crun) /.test(name))

const run = scenario('run', async (place) => {
  const own = await ourPeer(place)
  const contenders = others(place).map((peer) => place.bench.peer(peer, peer.life))
  const measured = await alternate(place.bench.peer(own, own.life), contenders, turns)
  return { scenario: place.scenario, title: 'run of a bundle by the OCI runtime command', unit: 'ms', ...measured }
})

const exec = scenario('exec', async (place) => {
  const peers = [await ourPeer(place), ...others(place)].filter(({ v1Only }) => !v1Only)
  const boxes = peers.flatMap((peer) => (peer.box ? [{ peer, box: peer.box }] : []))
  try {
    for (const { box } of boxes) await output('sh', '-c', `${box.start.join(' ')} >/dev/null 2>&1 </dev/null`)
    const [own, ...rest] = boxes.map(({ peer, box }) => place.bench.peer(peer, box.exec))
    const measured = await alternate(own as Contender, rest, turns)
    return { scenario: place.scenario, title: 'exec by the OCI runtime command', unit: 'ms', ...measured }
  } finally {
    for (const { box } of boxes) await output(box.end[0] ?? '', ...box.end.slice(1))
  }
})

/** One caller's `run`, with our command and with runc below it. */
async function below(place: Place, caller: string, words: (runtime: string) => readonly string[]): Promise<Outcome> {
  const { bench, scenario } = place
  const contender = (name: string, runtime: string): Contender => {
    const [program = '', ...rest] = words(runtime)
    return {
      name,
      run: async () => {
        const before = performance.now()
        if ((await output(program, ...rest)) === undefined) throw new Error(`${caller} cannot run ${runtime}`)
        return performance.now() - before
      },
    }
  }
  const own = contender('ours', caller === 'docker' ? 'tscontainer' : bench.runtimeCommand)
  const measured = await alternate(own, [contender(`${caller} with runc`, 'runc')], { rounds: 8, repeat: 1 })
  return { scenario, title: `${caller} run --rm with tscontainer-runtime`, unit: 'ms', ...measured }
}

const podman = scenario(
  'podman',
  async (place) => {
    // podman takes no runroot of more than fifty letters.
    const runroot = await mkdtemp(join(tmpdir(), 'tsc-podman-'))
    const storage = ['--root', join(place.directory, 'storage'), '--runroot', runroot]
    const first = ['podman', ...storage, '--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs']
    const archive = join(place.directory, 'rootfs.tar')
    await output('tar', '-C', place.bench.rootfs, '-cf', archive, '.')
    await output('podman', ...first.slice(1), 'import', archive, 'bench')
    try {
      const words = (runtime: string) => [
        ...first,
        '--runtime',
        runtime,
        'run',
        '--rm',
        ...limits,
        'bench',
        '/bin/true',
      ]
      return await below(place, 'podman', words)
    } finally {
      await output('umount', '-R', join(place.directory, 'storage'))
      await rm(runroot, { recursive: true, force: true })
    }
  },
  'podman',
)

const docker = scenario(
  'docker',
  async (place) => {
    const daemon = await place.bench.dockerBuilder()
    if (!daemon) throw new Error('dockerd is missing')
    const first = ['docker', '--host', daemon.socket, 'run', '--rm', ...limits]
    return below(place, 'docker', (runtime) => [...first, '--runtime', runtime, 'bench', '/bin/true'])
  },
  'dockerd',
)

/** `tscontainer-runtime` beside runc and crun: alone, and below podman and docker. */
export const ociRuntimes: readonly Scenario[] = [run, exec, podman, docker]
