// SPDX-License-Identifier: Apache-2.0

const perl = (script: string): readonly string[] => ['perl', '-MIO::Socket::IP', '-e', script]
const listen = (address: string, port: number, backlog = 64): string =>
  `$| = 1; my $server = IO::Socket::IP->new(LocalHost => "${address}", LocalPort => ${port}, Listen => ${backlog}, ReuseAddr => 1) or die $@;`
// Each connection has a process of its own, of which nobody needs to take note.
const serve = (body: string): string =>
  `$SIG{CHLD} = "IGNORE"; while (1) { my $peer = $server->accept or next; fork and next; ${body} exit }`

/** Commands for containers of the host's image. Each writes `listening` when it does. */
export const insideServers = {
  /** Sends back what it gets. */
  echo: ({ address = '127.0.0.1', port = 7777 } = {}): readonly string[] =>
    perl(
      `${listen(address, port)} print "listening\\n"; ${serve('while (sysread($peer, $_, 65536)) { syswrite($peer, $_) }')}`,
    ),
  /** Answers `GET /path` with `name path`, and /status/503 with that status; `delayS` seconds go by before it listens. */
  http: ({ port = 8080, name = 'served', delayS = 0 } = {}): readonly string[] =>
    perl(
      `select(undef, undef, undef, ${delayS}); ${listen('127.0.0.1', port)} print "listening\\n"; ${serve(`
        while (my $line = <$peer>) {
          my ($path) = $line =~ /^\\w+ (\\S+)/;
          while (defined(my $header = <$peer>)) { last if $header =~ /^\\r?$/ }
          my $status = $path =~ m!^/status/(\\d+)! ? $1 : 200;
          my $body = "${name} $path";
          print $peer "HTTP/1.1 $status Said\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
          $peer->flush;
        }`)}`,
    ),
  /** Listens, and takes nobody; has room for one that waits. */
  deaf: ({ port = 7777 } = {}): readonly string[] =>
    perl(`${listen('127.0.0.1', port, 0)} print "listening\\n"; sleep 1000`),
} as const
