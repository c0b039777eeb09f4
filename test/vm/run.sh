#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests under a stock Debian kernel with pure cgroup v2: as root, as an ordinary user with a delegated subtree, and as one with a single
# id and no cgroup.
#
#   test/vm/run.sh [-k SUITE] [-t SECONDS] [-w root,user,single] [suite or vitest filter…]
#     -k  the kernel of SUITE: trixie (default), bookworm, sid; see boot.sh          -w  as whom: root,user without it
#
# Suites are named in suites.mjs: usual (without a name), attacks, networks, builds, projects, runtime. A guest by emulation runs JavaScript
# many times slower than the host, so deadlines are multiplied (TSC_TEST_SLOW), and the engine's root is on an ext4 disk, /scratch.
set -euo pipefail
suite=trixie limit=14400 who=root,user
while getopts k:t:w: o; do case $o in k) suite=$OPTARG;; t) limit=$OPTARG;; w) who=$OPTARG;; *) exit 125;; esac; done
shift $((OPTIND - 1))
here=$(dirname "$(realpath "$0")"); cd "$here/../.."
[ "$(id -u)" = 0 ] || { echo "test:vm needs root, for the mount namespace that the guest's file system comes from" >&2; exit 3; }
node scripts/setup.mjs --tests                      # what is built here is what runs there: the guest has no network
exec "$here/boot.sh" -k "$suite" -t "$limit" -m 4096 -- \
  env TSC_VM_WHO="$who" TSC_TEST_ROOT=/scratch TSC_TEST_SLOW="${TSC_TEST_SLOW:-10}" CI="${CI:-}" node test/vm/guest.mjs "$@"
