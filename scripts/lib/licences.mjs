// SPDX-License-Identifier: Apache-2.0
// The licences of what is linked statically, by Debian's source packages. Where there is a choice, ours.
const licences = {
  bzip2: 'bzip2-1.0.6',
  gcc: 'GPL-3.0-or-later WITH GCC-exception-3.1',
  glibc: 'LGPL-2.1-or-later',
  libseccomp: 'LGPL-2.1-only',
  libzstd: 'BSD-3-Clause',
  'nlohmann-json3': 'MIT',
  openssl: 'Apache-2.0',
  'xz-utils': 'LicenseRef-public-domain',
  zlib: 'Zlib',
}

/** An SPDX expression, or undefined for a library that nobody has looked at. */
export const licenceOf = (source) => licences[source.replace(/^gcc-\d+$/, 'gcc')]
