#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests on pure cgroup v2 in a machine of their own: as root, as an ordinary user with a delegated subtree, and as one with a single id and
# no cgroup.
#
#   test/vm/run.sh [-u] [-k SUITE] [-t SECONDS] [-f SECONDS] [-w root,user,single] [suite or vitest filter…]
#     -u  under User-mode Linux (uml.sh), many times faster than a stock Debian kernel by emulation (boot.sh), which is what runs without it
#     -k  the kernel of Debian's SUITE: trixie without it, sid with -u               -w  as whom: root,user without it
#     -t  for everything, -f for one file: what has not begun by then fails
#
# Suites are named in suites.mjs: usual (without a name), attacks, networks, builds, projects, runtime. A guest by emulation runs JavaScript
# many times slower than the host, so deadlines are multiplied (TSC_TEST_SLOW), and the engine's root is on an ext4 disk, /scratch.
set -euo pipefail
boot=boot.sh suite='' limit=14400 file='' who=root,user slow=10
while getopts uk:t:f:w: o; do case $o in
  u) boot=uml.sh slow=3;; k) suite=$OPTARG;; t) limit=$OPTARG;; f) file=$OPTARG;; w) who=$OPTARG;; *) exit 125;; esac; done
shift $((OPTIND - 1))
here=$(dirname "$(realpath "$0")"); cd "$here/../.."
[ "$(id -u)" = 0 ] || { echo "test:vm needs root, for the mount namespace that the guest's file system comes from" >&2; exit 3; }
node scripts/setup.mjs --tests                      # what is built here is what runs there: the guest has no network
exec "$here/$boot" ${suite:+-k "$suite"} -t "$limit" -m 4096 -- \
  env TSC_VM_WHO="$who" TSC_TEST_ROOT=/scratch TSC_TEST_SLOW="${TSC_TEST_SLOW:-$slow}" TSC_TEST_FILE_SECONDS="${file:-0}" CI="${CI:-}" \
  node test/vm/guest.mjs "$@"
