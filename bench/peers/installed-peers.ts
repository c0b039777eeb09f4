// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bubblewrap } from './bubblewrap.js'
import { docker } from './docker.js'
import { ociRuntime } from './oci-runtime.js'
import type { Peer, PeerPlace } from './peer.js'

const known: Readonly<Record<string, (place: PeerPlace) => Promise<Peer | undefined>>> = {
  bwrap: bubblewrap,
  crun: (place) => ociRuntime('crun', place),
  runc: (place) => ociRuntime('runc', place),
  podman: (place) => docker('podman', place),
  docker: (place) => docker('docker', place),
}

/** The other engines of this machine that work, and the names of those that do not. */
export async function installedPeers(rootfs: string, parent: string): Promise<{ peers: Peer[]; missing: string[] }> {
  const peers: Peer[] = []
  const missing: string[] = []
  for (const [name, find] of Object.entries(known)) {
    const directory = join(parent, name)
    await mkdir(directory, { recursive: true })
    const peer = await find({ rootfs, directory })
    if (peer) peers.push(peer)
    else missing.push(name)
  }
  return { peers, missing }
}
