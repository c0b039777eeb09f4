// SPDX-License-Identifier: Apache-2.0
import type { Container, EgressEvent } from '../../src/index.js'

/** How a TCP connection from a container ends up: `open`, `refused`, or `nothing` where nobody says anything within two seconds. */
export const reaches = async (box: Container, host: string, port: number): Promise<string> => {
  const script = `use IO::Socket::IP; my $s = IO::Socket::IP->new(PeerHost => "${host}", PeerPort => ${port}, Timeout => 2)
    or do { print $@ =~ /timed out|timeout/i || $!{ETIMEDOUT} ? "nothing" : "refused"; exit };
    syswrite($s, "x"); $SIG{ALRM} = sub { print "nothing"; exit }; alarm 2; my $got = sysread($s, $_, 1); print $got ? "open" : "refused"`
  return (await box.exec(['perl', '-e', script])).stdout
}

/** The addresses of a name as programs of a container see them. */
export const addressesSeen = async (box: Container, name: string): Promise<readonly string[]> => {
  const { stdout } = await box.exec(['getent', 'ahosts', name], { check: false })
  const addresses = stdout.split('\n').flatMap((line) => /^(\S+)\s+STREAM/.exec(line)?.[1] ?? [])
  return [...new Set(addresses)].sort()
}

/** Where a container was not let, from now on: `203.0.113.9 443/tcp (name)`. */
export const refusalsOf = (box: Container): string[] => {
  const told: string[] = []
  box.on('egress', ({ destination: { address, port, protocol, name } }: EgressEvent) => {
    told.push(`${address} ${port}/${protocol}${name === undefined ? '' : ` (${name})`}`)
  })
  return told
}

/** A program that keeps a connection, and sends and reads once for each line that it gets; it says `echoed` or `ended`. */
export const keeper = (host: string, port: number): readonly string[] => [
  'perl',
  '-e',
  `use IO::Socket::IP; $| = 1; $SIG{PIPE} = "IGNORE"; $SIG{ALRM} = sub { print "ended\\n"; exit };
   my $s = IO::Socket::IP->new(PeerHost => "${host}", PeerPort => ${port}, Timeout => 2) or die; print "kept\\n";
   while (<STDIN>) { alarm 2; my $sent = syswrite($s, "x"); my $got = $sent && sysread($s, $_, 1); alarm 0;
     print $got ? "echoed\\n" : "ended\\n"; }`,
]
