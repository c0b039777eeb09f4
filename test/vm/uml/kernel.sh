#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kernel.sh SUITE - prints the path of a User-mode Linux, built once from Debian's sources of that suite with the configuration beside this
# script, and again when that has changed. It takes a quarter of an hour of a processor. Debian's own user-mode-linux has neither nftables
# for IP nor overlayfs in the kernel.
set -euo pipefail
suite=$1 here=$(dirname "$(realpath "$0")")
cache=${VM_RUN_CACHE:-/var/cache/vm-run}/uml-$suite; mkdir -p "$cache"
die() { echo "uml kernel: $*" >&2; exit 1; }
exec 9>"$cache/lock"; flock 9
if cmp -s "$here/config" "$cache/config"; then echo "$cache/linux"; exit; fi

need=(); for p in flex bison bc gcc make xz:xz-utils; do command -v "${p%%:*}" >/dev/null || need+=("${p#*:}"); done
[ ${#need[@]} -eq 0 ] || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${need[@]}"; } \
  >"$cache/apt.log" 2>&1 || die "apt failed, see $cache/apt.log"
echo "uml kernel: building it, see $cache/log" >&2

# A private state of apt, with the host's own mirror.
rm -rf "$cache/build"; mkdir -p "$cache"/build/{lists/partial,archives/partial,deb}; cd "$cache/build"; : >status
uri=$({ cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list || :; } 2>/dev/null |
  awk '$1=="URIs:"{print $2} $1=="deb"{for(i=2;i<=NF;i++) if($i~/^https?:/) print $i}' | sed -n 1p)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >list
printf '%s\n' "Dir::State \"$PWD\"; Dir::State::status \"$PWD/status\"; Dir::Cache \"$PWD\"; Dir::Etc::sourcelist \"$PWD/list\";" \
  "Dir::Etc::sourceparts \"/dev/null\"; APT::Sandbox::User \"root\";" >conf
{ (export APT_CONFIG=$PWD/conf; apt-get update
  name=$(apt-cache depends linux-source | sed -n 's/.*Depends: \(linux-source-.*\)/\1/p' | sed -n 1p); cd deb; apt-get download "$name")
  dpkg-deb -x deb/*.deb root; mkdir source; tar -xJf root/usr/src/linux-source-*.tar.xz -C source --strip-components=1
  cd source; make ARCH=um tinyconfig; cat "$here/config" >>.config; make ARCH=um olddefconfig; make ARCH=um -j"$(nproc)" vmlinux
} >"$cache/log" 2>&1 || die "it cannot be built, see $cache/log"
# An option that is gone from a newer kernel, or needs another one, is no option that is honoured.
lost=$(grep -vxFf "$cache/build/source/.config" "$here/config" | grep '^CONFIG_.*=[^n]' || :)
[ -z "$lost" ] || die "the configuration does not hold: $lost"
strip -o "$cache/linux.new" "$cache/build/source/vmlinux"; mv "$cache/linux.new" "$cache/linux"
cp "$here/config" "$cache/config"; rm -rf "$cache/build"; echo "$cache/linux"
