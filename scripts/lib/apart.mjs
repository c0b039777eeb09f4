// SPDX-License-Identifier: Apache-2.0
// A script that runs beside others as if it were alone on the machine: it sees no process, mount, link or cgroup of theirs.
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { top } from './paths.mjs'

const kinds = ['--pid', '--mount', '--net', '--cgroup', '--fork', '--kill-child', '--mount-proc']

// cpuset has its memory and processors to be told before anybody can be in it.
const prepare = (parent, path) => {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    try {
      writeFileSync(join(path, file), readFileSync(join(parent, file)))
    } catch {
      // Another controller, or the second hierarchy, whose children inherit them.
    }
  }
}

// The mount points of the hierarchies, each with the group in it that this process is in: limits that it has stay in force.
const cgroupMounts = () => {
  const groups = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => {
      const [before, after] = line.split(' - ')
      const mount = before.split(' ')[4]
      const options = after.startsWith('cgroup2 ') ? [''] : after.split(' ')[2].split(',')
      const [, , path = '/'] =
        groups.find(([, names]) => names?.split(',').every((name) => options.includes(name))) ?? []
      const own = join(mount, path)
      return { mount, parent: existsSync(join(own, 'cgroup.procs')) ? own : mount }
    })
}

const removeTree = (path) => {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name))
  }
  rmdirSync(path)
}

const makeCgroups = (name) =>
  cgroupMounts().map(({ mount, parent }) => {
    const path = join(parent, `apart-${process.pid}-${name}`)
    mkdirSync(path)
    prepare(parent, path)
    return { mount, path }
  })

// Each hierarchy is replaced by its part of it, where nobody else makes anything. The network has a way out that leads nowhere, and a
// resolver that refuses at once; /dev/net/tun is as udev makes it, whoever made it here. The shell stays: it is the first process there, and
// takes note of the ends of processes that have lost their parents.
const inside = `
set -e
ip link set lo up
ip link add outward type veth peer name nowhere
ip address add 192.0.2.2/24 dev outward
ip link set nowhere up
ip link set outward up
ip route add default via 192.0.2.1
mount --bind "$1" /etc/resolv.conf || :
if [ -c /dev/net/tun ] && mount -t tmpfs -o mode=755 tun /mnt; then
  mknod -m 666 /mnt/tun c 10 200 && mount --bind /mnt /dev/net
  umount /mnt
fi
shift
while [ "$1" != -- ]; do
  mount --bind "$2" /mnt && umount "$1" && mount --bind /mnt "$1" && umount /mnt
  shift 2
done
shift
"$@"
exit $?`

// The group is joined before the namespace is made: it becomes the namespace's root.
const enter = `
while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done
shift
exec "$@"`

const commandFor = (cgroups, resolver, argv) => [
  ...['-c', enter, 'apart', ...cgroups.map(({ path }) => path), '--'],
  ...['unshare', ...kinds, 'sh', '-c', inside, 'apart', resolver],
  ...[...cgroups.flatMap(({ mount, path }) => [mount, path]), '--'],
  ...argv,
]

const clean = (cgroups) => {
  for (const { path } of cgroups) removeTree(path)
}

/** Whether this process may make all that {@link beginApart} needs. */
export const canBeApart = () => {
  let cgroups = []
  try {
    cgroups = makeCgroups('try')
    return spawnSync('sh', commandFor(cgroups, '/dev/null', ['true']), { stdio: 'ignore' }).status === 0
  } catch {
    return false
  } finally {
    clean(cgroups)
  }
}

/**
 * Begins to run a command; `name` tells it apart from others of this process. What it runs descends from `pid`; `end()` waits for it and gives its exit status and all that it has written.
 */
export const beginApart = (name, argv, env) => {
  const cgroups = makeCgroups(name)
  const file = join(tmpdir(), `tscontainer-apart-${process.pid}-${name}.log`)
  const log = openSync(file, 'w')
  const resolver = join(tmpdir(), `tscontainer-apart-${process.pid}-${name}.resolver`)
  writeFileSync(resolver, 'nameserver 192.0.2.2\n')
  const child = spawn('sh', commandFor(cgroups, resolver, argv), { cwd: top, env, stdio: ['ignore', log, log] })
  closeSync(log)
  const exited = new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
  // It takes everything in its namespace with it; a mere SIGTERM would be ignored there.
  const kill = () => child.kill('SIGKILL')
  const interrupted = () => process.exit(1)
  process.once('exit', kill)
  process.once('SIGTERM', interrupted)
  const end = async () => {
    const status = await exited
    process.off('exit', kill)
    process.off('SIGTERM', interrupted)
    const output = readFileSync(file, 'utf8')
    rmSync(file)
    rmSync(resolver)
    clean(cgroups)
    return { status, output }
  }
  return { pid: child.pid, end }
}
