#!/bin/sh
# own-host.sh DIRECTORY COMMAND…, in new namespaces of mounts and of the network: runs it on a host of its own, as far as it sees. Its root directory
# can be written to and has no /data; all else is as it is here. Its network reaches nothing but itself, at 127.0.0.1 and 203.0.113.1.
# SPDX-License-Identifier: Apache-2.0
set -e
new="$1/host"
shift
mkdir "$new"
mount -t tmpfs -o mode=755 tmpfs "$new"
for entry in /*; do
  if [ -L "$entry" ]; then
    cp -P "$entry" "$new"
  elif [ -d "$entry" ] && [ "$entry" != /data ]; then
    mkdir "$new$entry"
    mount --rbind "$entry" "$new$entry"
  fi
done
cd "$new"
pivot_root . .
umount -l .
cd /
ip link set lo up
ip address add 203.0.113.1/32 dev lo
exec "$@"
