#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# uml.sh - as boot.sh does, run one command as root in a throw-away machine with unified cgroup v2; here it is User-mode Linux.
#
#   uml.sh [options] -- command [args...]      exit status: the command's; 124 over time; 125 the machine failed
#
#   -k SUITE  the kernel of Debian's SUITE, as uml/kernel.sh builds it (default sid)       -v  print the kernel's console at the end
#   -m MB     guest memory (default 4096)      -c N   processors (default 2)               -t SEC  time limit (default 600)
#   -o DIR    host directory, writable in the guest as /out (default: a temporary one)     -d GB   ext4 scratch disk on /scratch (default 8)
#
# VM_UML_KERNEL is another kernel (6.16 or newer, for the quick way of system calls), VM_UML_MODULES its /lib/modules where it has some.
#
# Programs are run by the processor itself, and their system calls by a kernel that is a program: JavaScript is as fast as on the host, and the
# machine is up within three seconds. It has no system calls of 32-bit programs, and its configuration is no stock one: that is what boot.sh
# is for.
# The guest's / is the host's / (that one file system), read-only, with an overlay on tmpfs for writes. It runs in mount, PID and network
# namespaces of its own and can write on the host below -o alone. Its kernel is not protected from its root, which is the host's root: it is
# for tests of ours, not for the programs of others. stdout and stderr of the command arrive merged; the directory is kept.
set -euo pipefail
suite=sid mem=4096 cpus=2 limit=600 disk=8 out='' verbose=''
while getopts k:m:c:t:d:o:v o; do case $o in
  k) suite=$OPTARG;; m) mem=$OPTARG;; c) cpus=$OPTARG;; t) limit=$OPTARG;; d) disk=$OPTARG;; o) out=$(realpath "$OPTARG");; v) verbose=1;;
  *) exit 125;; esac; done
shift $((OPTIND - 1)); [ $# -gt 0 ] || { sed -n '3,21s/^# \?//p' "$0"; exit 125; }
die() { echo "uml: $*" >&2; exit 125; }
here=$(dirname "$(realpath "$0")"); export PATH=$PATH:/usr/sbin:/sbin
kernel=${VM_UML_KERNEL:-$("$here/uml/kernel.sh" "$suite")} || die "there is no kernel"

# mktemp(1) replaces the six X.
w=$(mktemp -d /var/tmp/vm-uml.XXXXXX); out=${out:-$w/out}; trap 'rm -rf "$w" "$out/.vm"' EXIT
mkdir -p "$w"/{root,out,modules} "$out/.vm"; rm -f "$out"/.vm/*; case $PWD/ in /tmp/*) : >"$out/.vm/tmp";; esac
cp "$here/uml/init.sh" "$out/.vm/init"; chmod 755 "$out/.vm/init"
cat >"$out/.vm/guest" <<GUEST
umount -l /old; rmdir /old; mount --make-rshared /
ulimit -Hn 524288; cd $(printf %q "$PWD") || cd /
( $(printf '%q ' "$@") ) </dev/null > >(exec cat >/dev/tty1) 2>&1; echo \$? >/out/.vm/rc
for i in {1..20}; do kill -0 \$! 2>/dev/null || break; sleep 0.1; done          # a daemon that holds stdout does not hold us
sync; umount -l /scratch; echo o >/proc/sysrq-trigger; sleep 60
GUEST
truncate -s "${disk}G" "$w/disk"; mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$w/disk"

# What the guest mounts of the host begins at the directory hostfs= names.
set +e
timeout --foreground -k 5 "$limit" unshare --mount --pid --net --fork --kill-child --mount-proc --propagation private \
  env VM_UML_MODULES="${VM_UML_MODULES:-}" "$here/uml/confined.sh" "$w" "$out" "$w/console" \
  "$kernel" "mem=${mem}M" "ncpus=$cpus" seccomp=on "ubd0=$w/disk" "hostfs=$w" "uml_dir=$w" root=/dev/root rootfstype=hostfs rootflags=/root ro \
  "init=$out/.vm/init" ${VM_UML_MODULES:+vm.modules=/modules} con=null con0=null,fd:2 con1=null,fd:3 quiet </dev/null | cat
rc=${PIPESTATUS[0]}; [ -z "$verbose" ] || cat "$w/console" >&2
if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then echo "uml: over ${limit} s" >&2; exit 124; fi
[ -s "$out/.vm/rc" ] || { tail -20 "$w/console" >&2; die "the guest left no exit status (linux: $rc)"; }
exit "$(cat "$out/.vm/rc")"
