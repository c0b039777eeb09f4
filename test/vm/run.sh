#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The integration tests under a stock Debian kernel with pure cgroup v2, as root and as an ordinary user with a delegated subtree.
#
#   test/vm/run.sh [-k SUITE] [-t SECONDS] [-w root|user] [vitest filter…]
#     -k  the kernel of SUITE: trixie (default), bookworm, sid; see boot.sh          -w  as one of them only
#
# Without filters: the files that touch cgroups, rootless, start-up and networks. A guest by emulation runs JavaScript many times
# slower than the host, so deadlines are multiplied (TSC_TEST_SLOW), and the engine's root is on an ext4 disk, /scratch.
set -euo pipefail
suite=trixie limit=5400 who=both
while getopts k:t:w: o; do case $o in k) suite=$OPTARG;; t) limit=$OPTARG;; w) who=$OPTARG;; *) exit 125;; esac; done
shift $((OPTIND - 1))
here=$(dirname "$(realpath "$0")"); cd "$here/../.."
[ "$(id -u)" = 0 ] || { echo "test:vm needs root, for the mount namespace that the guest's file system comes from" >&2; exit 3; }
node scripts/setup.mjs --tests                      # what is built here is what runs there: the guest has no network
exec "$here/boot.sh" -k "$suite" -t "$limit" -m 4096 -- \
  env TSC_VM_WHO="$who" TSC_TEST_ROOT=/scratch TSC_TEST_SLOW="${TSC_TEST_SLOW:-10}" CI="${CI:-}" node test/vm/guest.mjs "$@"
