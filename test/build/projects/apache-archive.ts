// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib'
import { type LayerEntry, tarOfEntries } from '../../support/layered-layout.js'

// Stands in for Apache's: it wants APR where the Dockerfile puts it, takes configure's options and compiles a program.
const configure = `#!/bin/sh
set -e
prefix=/usr/local
for option; do
  case $option in
    --prefix=*) prefix=\${option#--prefix=} ;;
    --*) ;;
    *) echo "configure: unknown option $option" >&2; exit 1 ;;
  esac
done
for library in apr apr-util; do
  [ -f "srclib/$library/VERSION" ] || { echo "configure: error: $library not found" >&2; exit 1; }
done
sed "s|@prefix@|$prefix|g" Makefile.in > Makefile
echo "configured for $prefix with APR $(cat srclib/apr/VERSION)"
`
const makefile = `httpd: httpd.c
\tcc -O -o $@ $<

install: httpd
\tmkdir -p @prefix@/bin @prefix@/conf
\tcp httpd @prefix@/bin/httpd
\tcp apachectl @prefix@/bin/apachectl
\tcp httpd.conf @prefix@/conf/httpd.conf
`
const program = `#include <stdio.h>

int main(void) {
  puts("Server version: Apache/2.4.10 (stand-in)");
  return 0;
}
`

const tree = (name: string, files: Readonly<Record<string, string>>): readonly LayerEntry[] => [
  { path: `${name}/`, type: 'directory', mode: 0o755 },
  ...Object.entries(files).map(([file, data]) => ({
    path: `${name}/${file}`,
    data,
    mode: data.startsWith('#!') ? 0o755 : 0o644,
    mtime: 1_400_000_000,
  })),
]

/** What is served at archive.apache.org by path. */
export const apacheArchive = (): Readonly<Record<string, Buffer>> => {
  const files = {
    configure,
    'Makefile.in': makefile,
    'httpd.c': program,
    apachectl: '#!/bin/sh\nexec "$(dirname "$0")/httpd" "$@"\n',
    'httpd.conf': 'Listen 80\n',
  }
  const pack = (entries: readonly LayerEntry[]) => gzipSync(tarOfEntries(entries))
  return {
    '/dist/httpd/httpd-2.4.10.tar.gz': pack(tree('httpd-2.4.10', files)),
    '/dist/apr/apr-1.6.5.tar.gz': pack(tree('apr-1.6.5', { VERSION: '1.6.5\n' })),
    '/dist/apr/apr-util-1.6.1.tar.gz': pack(tree('apr-util-1.6.1', { VERSION: '1.6.1\n' })),
  }
}
