#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# npm run record:build [-- PART-OF-A-NAME…]   records the goldens of test/fixtures/build/goldens by a real Docker with BuildKit
# npm run record:build -- --stale             the same, of cases that have none or were changed since
# npm run record:build -- --projects [NAME…]  builds test/fixtures/build/projects by it, runs them, and records what the images say
# Root only. dockerd has mount and process namespaces of its own, which take all with them in the end but files and cgroups; the cases need no
# network but a loopback, so that they have a namespace for that, too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /var/tmp/tsc-record.XXXXXX)
clean() {
  find /sys/fs/cgroup -depth -type d -path '*/tsc-record*' -exec rmdir {} + 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT
alone() { unshare --mount --pid --fork --kill-child=KILL "$@"; }
cd "$here/../../.."
if [ "${1:-}" = --projects ]; then
  shift
  alone npx tsx "$here/build-projects.ts" "$work" "$@"
else
  alone --net npx tsx "$here/record-cases.ts" "$work" "$@"
fi
