// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

const packages = 'docker.io,docker-cli,docker-buildx,containerd,runc,iptables,ca-certificates'

/**
 * A directory with Docker of Debian's unstable suite, whose BuildKit is young enough for heredocs, --link and --exclude; Debian 12 has 20.10.
 * Made by mmdebstrap (root, downloads) unless it is there.
 */
export const ensureDockerTree = (): string => {
  const tree = process.env.TSC_RECORD_DOCKER ?? '/var/cache/tscontainer-test/docker-sid'
  if (existsSync(join(tree, 'usr/sbin/dockerd'))) return tree
  const part = `${tree}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(dirname(tree), { recursive: true })
  // Old snapshots of the archive, and clocks that are ahead, are none of our business.
  const unchecked = [
    'Acquire::Check-Valid-Until "false"',
    'Acquire::Check-Date "false"',
    'APT::Install-Recommends "false"',
  ]
  const options = ['--variant=extract', '--quiet', `--include=${packages}`, ...unchecked.map((o) => `--aptopt=${o}`)]
  execFileSync('mmdebstrap', [...options, 'sid', part, 'http://deb.debian.org/debian'], { cwd: '/', stdio: 'inherit' })
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (!existsSync(join(part, name))) symlinkSync(`usr/${name}`, join(part, name))
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'var/tmp/record'])
    mkdirSync(join(part, name), { recursive: true })
  renameSync(part, tree)
  return tree
}
