#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# confined.sh DIR OUT LOG COMMAND... - in a mount namespace of its own: nothing of the host can be written but DIR and OUT, by paths that
# climb out of what the guest mounts neither. COMMAND's output goes to LOG, what it writes to descriptor 3 to our output.
set -e
dir=$1 out=$2 log=$3; shift 3
mount --bind "$dir" "$dir"
mount --bind "$out" "$out"
mount -t tmpfs shm /dev/shm                           # the guest's memory is a file there
findmnt --noheadings --raw --output TARGET | while read -r at; do
  case $at in "$dir" | "$out" | /dev/shm) ;; *) mount -o remount,bind,ro "$(printf '%b' "$at")";; esac
done
mount --bind / "$dir/root" && mount -o remount,bind,ro "$dir/root"
mount --bind "$out" "$dir/out"
if [ -n "$VM_UML_MODULES" ]; then mount --bind "$VM_UML_MODULES" "$dir/modules" && mount -o remount,bind,ro "$dir/modules"; fi
exec "$@" 2>&1 3>&1 >"$log"
