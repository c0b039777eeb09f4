// SPDX-License-Identifier: Apache-2.0
// Frames of Ethernet as hexadecimal text, for what a program can only send by itself.

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')
const number = (value: number, bytes: number): string => value.toString(16).padStart(bytes * 2, '0')
const mac = (address: string): string => address.replaceAll(':', '')
const ip4 = (address: string): string =>
  address
    .split('.')
    .map((part) => number(Number(part), 1))
    .join('')

/** An IPv6 address, also one with `::`. */
const ip6 = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const [left, right] = [groups(head), groups(tail)]
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join('')
}

const checksum = (text: string): string => {
  let sum = 0
  for (let at = 0; at < text.length; at += 4) sum += Number.parseInt(text.slice(at, at + 4).padEnd(4, '0'), 16)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return number(~sum & 0xffff, 2)
}

/** Who sends a frame, and to whom. */
export interface Ends {
  readonly from: string
  readonly to: string
}

const ethernet = ({ from, to }: Ends, type: string, payload: string): string =>
  `${mac(to)}${mac(from)}${type}${payload}`

/** An answer of ARP: `address` is at `at`. The mark follows as padding. */
export const arpFrame = (
  ends: Ends,
  { address, at, mark }: Readonly<Record<'address' | 'at' | 'mark', string>>,
): string =>
  ethernet(ends, '0806', `0001080006040002${mac(at)}${ip4(address)}${mac(ends.to)}00000000${hex(mark.padEnd(18))}`)

/** A datagram of UDP over IPv4 with the mark in it. */
export const udpFrame = (
  ends: Ends,
  { source, target, port = 9, mark }: { source: string; target: string; port?: number; mark: string },
): string => {
  const datagram = `${number(9, 2)}${number(port, 2)}${number(8 + mark.length, 2)}0000${hex(mark)}`
  const header = (sum: string) =>
    `4500${number(20 + datagram.length / 2, 2)}0000${'4000'}4011${sum}${ip4(source)}${ip4(target)}`
  return ethernet(ends, '0800', header(checksum(header('0000'))) + datagram)
}

/** The same frame on a VLAN. */
export const onVlan = (frame: string): string => `${frame.slice(0, 24)}81000001${frame.slice(24)}`

interface Icmp6 {
  readonly source: string
  readonly target: string
  readonly body: string
  /** Whether an empty header of options stands before it. */
  readonly behindOptions?: boolean
}

const icmp6 = (ends: Ends, { source, target, body, behindOptions = false }: Icmp6): string => {
  const pseudo = `${ip6(source)}${ip6(target)}${number(body.length / 2, 4)}0000003a`
  const message = `${body.slice(0, 4)}${checksum(pseudo + body)}${body.slice(8)}`
  const payload = behindOptions ? `3a00010400000000${message}` : message
  const header = `60000000${number(payload.length / 2, 2)}${behindOptions ? '3c' : '3a'}ff${ip6(source)}${ip6(target)}`
  return ethernet(ends, '86dd', header + payload)
}

/** Options of neighbour discovery are units of eight bytes; this one nobody knows (RFC 4727, 253). */
const marked = (mark: string): string => {
  const text = mark.padEnd(Math.ceil((mark.length + 2) / 8) * 8 - 2)
  return `fd${number((text.length + 2) / 8, 1)}${hex(text)}`
}

/** What neighbour discovery says of an address: that it is at `at`, as an answer or by the way, in a question. */
export const neighbourFrame = (
  ends: Ends,
  {
    asking = false,
    behindOptions = false,
    ...said
  }: Readonly<Record<'source' | 'target' | 'address' | 'at' | 'mark', string>> & {
    readonly asking?: boolean
    readonly behindOptions?: boolean
  },
): string => {
  const head = asking ? '8700000000000000' : '8800000060000000'
  const body = `${head}${ip6(said.address)}${asking ? '01' : '02'}01${mac(said.at)}${marked(said.mark)}`
  return icmp6(ends, { source: said.source, target: said.target, body, behindOptions })
}

/** An advertisement of a router with a prefix to make addresses of. */
export const routerFrame = (
  ends: Ends,
  { source, mark, behindOptions = false }: { source: string; mark: string; behindOptions?: boolean },
): string => {
  const prefix = `030440c00000ffff0000ffff00000000${ip6('2001:db8:bad::')}`
  const body = `8600000040000708${'00000000'.repeat(2)}${prefix}${marked(mark)}`
  return icmp6(ends, { source, target: 'ff02::1', body, behindOptions })
}

/** Sends such frames over a link. */
export const sendFrames = (frames: readonly string[], link = 'eth0'): readonly string[] => [
  'perl',
  '-MSocket',
  '-e',
  `socket(my $s, 17, 3, 0) or die "socket: $!"; my $if = "${link}";
   my $request = pack("Z16 x16", $if); ioctl($s, 0x8933, $request) or die "index: $!";
   my $to = pack("S n i S C C a8", 17, 0, unpack("x16 i", $request), 0, 0, 6, "");
   for (qw(${frames.join(' ')})) { send($s, pack("H*", $_), 0, $to) or die "send: $!"; select undef, undef, undef, 0.002 }`,
]

/** Says `listening`, then each mark `[…]` of the frames that come in over the link, until the one that is `[end]` or ten seconds later. */
export const watchFrames = (link = 'eth0'): readonly string[] => [
  'perl',
  '-MSocket',
  '-e',
  `$| = 1; alarm 10; socket(my $s, 17, 3, 0x0300) or die "socket: $!"; my $if = "${link}";
   my $request = pack("Z16 x16", $if); ioctl($s, 0x8933, $request) or die "index: $!";
   bind($s, pack("S n i S C C a8", 17, 3, unpack("x16 i", $request), 0, 0, 0, "")) or die "bind: $!";
   print "listening\\n";
   while (my $from = recv($s, my $frame, 2000, 0)) { next if unpack("x10 C", $from) == 4; next unless $frame =~ /\\[([a-z0-9 ,]+)\\]/; print "$1\\n"; exit if $1 eq "end" }`,
]
