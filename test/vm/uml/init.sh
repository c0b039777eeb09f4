#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# PID 1 of User-mode Linux on the host's files, read-only: puts an overlay on a tmpfs over them, becomes what boot.sh's guest is, runs the
# command that uml.sh has left in /out, and turns the machine off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 VM_RUN=1
mount -t proc proc /proc; mountpoint -q /dev || mount -t devtmpfs dev /dev
modules=$(sed -n 's/.*\bvm.modules=\([^ ]*\).*/\1/p' /proc/cmdline)
die() { echo "uml init: $*" >/dev/console; echo o >/proc/sysrq-trigger; sleep 60; }

if [ -n "$modules" ]; then
  mount -t hostfs -o "$modules" modules /lib/modules
  modprobe -a overlay loop fuse tun veth bridge br_netfilter
fi
{ mount -t tmpfs -o size=75% rw /mnt && mkdir -p /mnt/u /mnt/w /mnt/new; } || die tmpfs
mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/new || die overlay
cd /mnt/new || die new
mkdir -p proc sys dev run tmp out scratch old
mount -t proc -o nosuid,nodev,noexec proc proc; mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 sys/fs/cgroup; mount -t securityfs securityfs sys/kernel/security
mount -t devtmpfs dev dev; mkdir -p dev/pts dev/shm dev/mqueue
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts dev/pts; mount -t tmpfs -o mode=1777 shm dev/shm; mount -t mqueue mqueue dev/mqueue
chmod 666 dev/fuse dev/net/tun; ln -s /proc/self/fd dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%%:*}" "dev/${n#*:}"; done
mount -t tmpfs -o mode=755 run run; mkdir -p run/lock
[ -z "$modules" ] || mount -t hostfs -o "$modules" modules lib/modules
mount -t hostfs -o /out out out || die out
{ mount -t ext4 /dev/ubda scratch && chmod 1777 scratch; } || die scratch
[ -e out/.vm/tmp ] || mount -t tmpfs -o mode=1777 tmp tmp
hostname vm; ip link set lo up
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net      # sit0 in each new namespace: where it is a module nobody has loaded it
umount /proc                                         # or it stays, invisible, and the kernel takes /proc for uncovered whatever covers it
mkdir sys/fs/cgroup/init.scope && echo 1 >sys/fs/cgroup/init.scope/cgroup.procs
for c in $(<sys/fs/cgroup/cgroup.controllers); do echo "+$c" >sys/fs/cgroup/cgroup.subtree_control; done
pivot_root . old && cd / && exec /bin/bash /out/.vm/guest
