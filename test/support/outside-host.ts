// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll } from 'vitest'
import { has } from './needs.js'

// On each of its TCP ports and on UDP port 7000 it sends back what it gets.
const server = `use IO::Socket::IP; use IO::Select; $| = 1;
  my @tcp = map { IO::Socket::IP->new(LocalHost => "::", LocalPort => $_, Listen => 64, ReuseAddr => 1, V6Only => 0) or die $@ } @ARGV;
  my $udp = IO::Socket::IP->new(LocalHost => "0.0.0.0", LocalPort => 7000, Proto => "udp") or die $@;
  my %listens = map { fileno($_) => 1 } @tcp; my $all = IO::Select->new(@tcp, $udp);
  while (defined(my $command = readline(STDIN))) { last } print "serving\\n";
  while (1) { for my $socket ($all->can_read) {
    if ($listens{fileno $socket}) { my $peer = $socket->accept or next; $all->add($peer) }
    elsif ($socket == $udp) { my $from = recv($udp, my $text, 2048, 0); send($udp, $text, 0, $from) if $from }
    else { my $got = sysread($socket, my $text, 65536); if ($got) { syswrite($socket, $text) } else { $all->remove($socket); close $socket } }
  } }`

const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: 'pipe' })

export interface OutsideHost {
  /** In the network of which the host has the first address. */
  readonly network: string
  /** Its addresses. */
  readonly addresses: readonly string[]
}

export interface OutsideHostOptions {
  readonly link: string
  readonly network: string
  /** The last numbers of its addresses. */
  readonly hosts: readonly number[]
  readonly ports: readonly number[]
  /** Of IPv6: a prefix that ends in `::`, in which it has the same numbers. */
  readonly prefix?: string
}

/** Another machine that the host has a link to, with servers: a network namespace. Needs root; without it there is none. */
export const useOutsideHost = ({ link, network, hosts, ports, prefix }: OutsideHostOptions): OutsideHost => {
  let machine: ChildProcess | undefined
  beforeAll(async () => {
    if (!has('root')) return
    machine = spawn('unshare', ['--net', 'perl', '-e', server, ...ports.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const { pid } = machine
    await new Promise((resolve) => setTimeout(resolve, 100))
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'out0', 'netns', String(pid))
    run('ip', 'addr', 'add', `${network}.1/24`, 'dev', link)
    run('ip', 'link', 'set', link, 'up')
    const inside = (...args: string[]) => run('nsenter', '--net', '--target', String(pid), 'ip', ...args)
    inside('link', 'set', 'lo', 'up')
    inside('link', 'set', 'out0', 'up')
    for (const host of hosts) inside('addr', 'add', `${network}.${host}/24`, 'dev', 'out0')
    if (prefix) {
      run('ip', 'addr', 'add', `${prefix}1/64`, 'dev', link, 'nodad')
      for (const host of hosts) inside('addr', 'add', `${prefix}${host}/64`, 'dev', 'out0', 'nodad')
    }
    machine.stdin?.write('serve\n')
    await once(machine.stdout as NodeJS.EventEmitter, 'data')
  })
  afterAll(async () => {
    if (!machine) return
    run('ip', 'link', 'del', link)
    machine.kill('SIGKILL')
    await once(machine, 'exit')
  })
  return { network, addresses: hosts.map((host) => `${network}.${host}`) }
}
