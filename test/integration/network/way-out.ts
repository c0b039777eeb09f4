// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { writeProgram } from '../../support/program.js'
import { inside, ordinary } from '../probe/probe-in.js'

// A host of its own: behind its link is one other, 10.99.0.1, which tells everybody from where they come. /dev/net/tun is as udev makes it.
const world = `
mkdir -p /dev/net
mount -t tmpfs -o mode=755 tun /mnt
for name in $HIDDEN; do mount --bind /dev/null "$(command -v $name)"; done
[ -z "$TUN" ] || { mknod -m "$TUN" /mnt/tun c 10 200; mount --bind /mnt /dev/net; }
ip link set lo up
ip link add up0 type veth peer name out0
ip address add 10.99.0.2/24 dev up0
ip address add fd99::2/64 dev up0 nodad
ip link set up0 up
mkfifo /mnt/ready
unshare --net sh -c 'echo >/mnt/ready; while ! ip link show out0 >/dev/null 2>&1; do sleep 0.02; done
  ip address add 10.99.0.1/24 dev out0; ip address add fd99::1/64 dev out0 nodad; ip link set out0 up; exec "$@"' sh "$@WHO" </dev/null >/dev/null &
read -r _ </mnt/ready
ip link set out0 netns $!
ip route add default via 10.99.0.1
ip -6 route add default via fd99::1 dev up0
`

/** A program as an ordinary user on such a host. */
export interface Elsewhere {
  readonly process: ChildProcess
  /** The next line that it writes. */
  line(): Promise<string>
  /** All of its errors, when it has ended. */
  ended(): Promise<string>
}

export interface ElsewhereOptions {
  /** What runs on the other host. */
  readonly server: readonly string[]
  /** The mode of /dev/net/tun; 666 by default. */
  readonly tun?: string
  /** Programs that are not installed there. */
  readonly hidden?: readonly string[]
}

/** Runs a module there. */
export const elsewhere = async (
  directory: string,
  text: string,
  { server, tun = '666', hidden = [] }: ElsewhereOptions,
): Promise<Elsewhere> => {
  // It ends with the program, which may signal what is its own user's.
  const mortal = [...ordinary(), '--pdeathsig', 'KILL', ...server]
  const quoted = mortal.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const enter = inside(
    ['--mount', '--net', '--propagation', 'private'],
    world.replace('"$@WHO"', () => quoted),
  )
  const program = [process.execPath, ...(await writeProgram(directory, 'elsewhere', text))]
  const [command = '', ...args] = [...enter, ...ordinary(), ...program]
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory, TUN: tun, HIDDEN: hidden.join(' ') }
  const child = spawn(command, args, { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const end = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    process: child,
    line: async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the program ended: ${errors}`)
      return value
    },
    ended: async () => {
      await end
      return errors
    },
  }
}
