#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh - run one command as root in a throw-away VM: stock Debian kernel, unified cgroup v2.
#
#   boot.sh [options] -- command [args...]     exit status: the command's; 124 over time; 125 the VM failed
#
#   -k SUITE  kernel of trixie (6.12, default), bookworm (6.1), bookworm-backports (6.12) or sid
#   -m MB     guest memory (default 2048)          -c N    guest CPUs (default 2)
#   -t SEC    time limit (default 600)             -d GB   ext4 scratch disk on /scratch (sparse, default 8)
#   -o DIR    host directory, writable in the guest as /out (default: a temporary one)
#   -a ARGS   more kernel arguments, e.g. apparmor=0       -n      user-mode network, outbound (default: none)
#   -v        print the kernel console on stderr at the end
#
# The guest's / is the host's / (that one file system), exported read-only over 9p, with an overlay on tmpfs for
# writes: the guest sees this checkout, this node, these libraries; what it writes is lost, except under /out.
# The host's cgroups, mounts, network and boot are not touched: QEMU runs in a mount namespace of its own.
# For overlayfs upper layers use /scratch (ext4), /dev/shm, or /tmp (tmpfs, unless the current directory is below
# /tmp): not the overlay root. Do not change files on the host while a VM runs (9p, cache=loose).
# stdout and stderr of the command arrive merged on stdout; stdin is /dev/null; the directory is kept.
set -euo pipefail
suite=trixie mem=2048 cpus=2 limit=600 disk=8 out='' args='' net=none verbose=''
while getopts k:m:c:t:d:o:a:nv o; do case $o in
  k) suite=$OPTARG;; m) mem=$OPTARG;; c) cpus=$OPTARG;; t) limit=$OPTARG;; d) disk=$OPTARG;;
  o) out=$(realpath "$OPTARG");; a) args=$OPTARG;; n) net=user,model=virtio-net-pci;; v) verbose=1;; *) exit 125;; esac; done
shift $((OPTIND - 1)); [ $# -gt 0 ] || { sed -n '3,21s/^# \?//p' "$0"; exit 125; }
die() { echo "vm-run: $*" >&2; exit 125; }
cache=${VM_RUN_CACHE:-/var/cache/vm-run}; mkdir -p "$cache"; export PATH=$PATH:/usr/sbin:/sbin
exec 9>"$cache/lock"; flock 9                        # one run at a time prepares; the VMs themselves run side by side

# 1. Packages on the host: QEMU and the tools that build the initramfs. No kernel is installed.
need=(); for p in qemu-system-x86:qemu-system-x86_64 busybox-static:busybox e2fsprogs:mkfs.ext4 xz-utils:xz kmod:modprobe
do command -v "${p#*:}" >/dev/null || need+=("${p%%:*}"); done
[ ${#need[@]} -eq 0 ] || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \
  --no-install-recommends "${need[@]}"; } >"$cache/apt.log" 2>&1 || die "apt failed, see $cache/apt.log"

# 2. Kernel: downloaded and unpacked once per suite, through a private apt state, with the host's own mirror.
#    The generic flavour: Debian's cloud flavour has no 9p.
k=$cache/$suite
if [ ! -e "$k/ok" ]; then
  rm -rf "$k"; mkdir -p "$k/apt/lists/partial" "$k/apt/cache/archives/partial" "$k/deb"; : >"$k/apt/status"
  uri=$({ cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list || :; } 2>/dev/null |
    awk '$1=="URIs:"{print $2} $1=="deb"{for(i=2;i<=NF;i++) if($i~/^https?:/) print $i}' | sed -n 1p)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >"$k/apt/list"
  printf '%s\n' "Dir::State \"$k/apt\"; Dir::State::status \"$k/apt/status\"; Dir::Cache \"$k/apt/cache\";" \
    "Dir::Etc::sourcelist \"$k/apt/list\"; Dir::Etc::sourceparts \"/dev/null\"; APT::Sandbox::User \"root\";" >"$k/apt/conf"
  ( export APT_CONFIG=$k/apt/conf; cd "$k/deb"; apt-get update
    v=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-//p' | sed -n 1p); apt-get download "linux-image-$v"
    ! apt-cache show "linux-modules-$v" || apt-get download "linux-binary-$v" "linux-modules-$v" ) \
    >"$k/log" 2>&1 || die "kernel download failed, see $k/log"
  for d in "$k"/deb/*.deb; do dpkg-deb -x "$d" "$k/root"; done
  rm -rf "$k/deb" "$k/apt/cache"; [ -e "$k/root/lib" ] || ln -s usr/lib "$k/root/lib"
  kver=$(ls "$k/root/lib/modules") || die "no modules in the kernel package"; depmod -b "$k/root" "$kver" 2>>"$k/log"
  cp "$k/root/boot/vmlinuz-$kver" "$k/vmlinuz" 2>/dev/null || cp "$k/root/lib/modules/$kver/vmlinuz" "$k/vmlinuz"
  : >"$k/ok"
fi

# 3. initramfs: busybox, uncompressed modules, /init; again when this script has changed. Insmod by busybox costs 30 ms each under TCG,
#    modprobe 300 ms.
if [ ! -e "$k/initrd" ] || [ "$0" -nt "$k/initrd" ]; then
  kver=$(ls "$k/root/lib/modules")
  i=$k/initramfs; rm -rf "$i"; mkdir -p "$i"/{bin,mods,proc,dev,ro,rw,new}; cp "$(command -v busybox)" "$i/bin/busybox"
  n=100; for m in virtio_pci virtio_console virtio_blk virtio_net 9pnet_virtio 9p overlay ext4 loop veth bridge tun nf_tables \
    br_netfilter fuse; do while read -r verb file _; do b=$(basename "${file%.xz}")
      if [ "$verb" != insmod ] || compgen -G "$i/mods/*-$b" >/dev/null; then continue; fi; n=$((n + 1))
      case $file in *.xz) xz -dc "$file" >"$i/mods/$n-$b";; *) cp "$file" "$i/mods/$n-$b";; esac
    done < <(modprobe -d "$k/root" -S "$kver" --show-depends "$m" 2>>"$k/log"); done
  cat >"$i/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin; export PATH=/bin
mount -t proc proc /proc; mount -t devtmpfs dev /dev; for m in /mods/*; do insmod $m; done
p9=trans=virtio,version=9p2000.L,msize=512000
die() { echo "vm-run init: $*" >/dev/console; poweroff -f; }
mount -t 9p -o ro,cache=loose,$p9 host /ro && mount -t tmpfs -o size=75% rw /rw && mkdir /rw/u /rw/w || die root
mount -t overlay -o lowerdir=/ro,upperdir=/rw/u,workdir=/rw/w overlay /new || die overlay
cd /new; mkdir -p proc sys dev run tmp out scratch lib/modules
mount -t proc -o nosuid,nodev,noexec proc proc; mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 sys/fs/cgroup; mount -t securityfs securityfs sys/kernel/security
mount -t devtmpfs dev dev; mkdir -p dev/pts dev/shm dev/mqueue; mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm; mount -t mqueue mqueue dev/mqueue; chmod 666 dev/fuse dev/net/tun; ln -s /proc/self/fd dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${n%%:*} dev/${n#*:}; done
mount -t tmpfs -o mode=755 run run; mkdir -p run/lock; mount -t 9p -o ro,cache=loose,$p9 mods lib/modules; mount -t 9p -o $p9 out out || die out
mount -t ext4 /dev/vda scratch && chmod 1777 scratch || die scratch; [ -e out/.vm/tmp ] || mount -t tmpfs -o mode=1777 tmp tmp
hostname vm; ip link set lo up; [ ! -e sys/class/net/eth0 ] || { ip link set eth0 up
  ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2; }
umount /proc                                         # or it stays, invisible, and the kernel takes /proc for uncovered whatever covers it
cd sys/fs/cgroup; mkdir init.scope; echo 1 >init.scope/cgroup.procs; for c in $(cat cgroup.controllers); do echo +$c >cgroup.subtree_control; done
exec switch_root /new /bin/bash /out/.vm/guest
INIT
  chmod 755 "$i/init"; (cd "$i"; find . | busybox cpio -o -H newc | gzip -1 >"$k/initrd.new") 2>>"$k/log"; mv "$k/initrd.new" "$k/initrd"
fi
exec 9>&-

# 4. The second stage: PID 1 on the guest's /, in bash; it leaves the command's exit status in /out/.vm/rc.
w=$(mktemp -d /tmp/vm-run.XXXXXX); out=${out:-$w/out}; trap 'rm -rf "$w" "$out/.vm"' EXIT
mkdir -p "$w/root" "$out/.vm"; rm -f "$out"/.vm/*; case $PWD/ in /tmp/*) : >"$out/.vm/tmp";; esac
cat >"$out/.vm/guest" <<GUEST
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 VM_RUN=1; mount --make-rshared /
ulimit -Hn 524288; cd $(printf %q "$PWD") || cd /
( $(printf '%q ' "$@") ) </dev/null > >(exec cat >/dev/vport*p1) 2>&1; echo \$? >/out/.vm/rc
for i in {1..20}; do kill -0 \$! 2>/dev/null || break; sleep 0.1; done          # a daemon that holds stdout does not hold us
sync; umount -l /scratch; echo o >/proc/sysrq-trigger; sleep 60
GUEST
truncate -s "${disk}G" "$w/disk"; mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$w/disk"

# 5. QEMU. TCG by default, which runs everywhere (VM_RUN_ACCEL=kvm where /dev/kvm runs stock kernels). Under TCG a plain
#    CPU model runs Node faster than "max", and norandmaps keeps translated code valid from one exec to the next.
accel=${VM_RUN_ACCEL:-tcg,thread=multi,tb-size=512}; cpu=Nehalem; [ "${accel%%,*}" != kvm ] || cpu=host
set +e
# shellcheck disable=SC2016 # the inner shell's own
timeout --foreground -k 5 "$limit" unshare -m --propagation private sh -c 'mount --bind / "$0" && exec "$@"' "$w/root" \
  qemu-system-x86_64 -accel "$accel" -cpu $cpu -m "$mem" -smp "$cpus" -nodefaults -no-user-config -display none -no-reboot \
  -kernel "$k/vmlinuz" -initrd "$k/initrd" -append "console=ttyS0 quiet panic=-1 mitigations=off norandmaps $args" \
  -virtfs "local,path=$w/root,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
  -virtfs "local,path=$k/root/lib/modules,mount_tag=mods,security_model=none,readonly=on" \
  -virtfs "local,path=$out,mount_tag=out,security_model=none" -nic "$net" -device virtio-rng-pci \
  -drive "file=$w/disk,format=raw,if=virtio,cache=unsafe,discard=unmap" -serial "file:$w/console" \
  -chardev file,id=cmd,path=/dev/stdout -device virtio-serial-pci -device virtserialport,chardev=cmd,name=cmd </dev/null | cat
rc=${PIPESTATUS[0]}; [ -z "$verbose" ] || cat "$w/console" >&2
if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then echo "vm-run: over ${limit} s" >&2; exit 124; fi
[ -s "$out/.vm/rc" ] || { tail -20 "$w/console" >&2; die "the guest left no exit status (qemu: $rc)"; }
exit "$(cat "$out/.vm/rc")"
