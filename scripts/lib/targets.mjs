// SPDX-License-Identifier: Apache-2.0
/** What is delivered in prebuilds/: Node's name of the processor, Debian's, the triplet of its compilers, and Debian's package with one. */
export const targets = [
  { arch: 'x64', debian: 'amd64', triplet: 'x86_64-linux-gnu', compiler: 'g++-x86-64-linux-gnu' },
  { arch: 'arm64', debian: 'arm64', triplet: 'aarch64-linux-gnu', compiler: 'g++-aarch64-linux-gnu' },
]
