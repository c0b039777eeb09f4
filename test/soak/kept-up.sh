#!/bin/sh
# Restarts and health checks with nobody there: two detached containers are made by a Node process that ends, and so does the supervisor. For
# 30 seconds, or as many as the first argument says, their monitors are all there is; then another Node process looks what they did.
#   npm run soak:kept-up            npm run soak:kept-up -- 120
set -eu
seconds=${1:-30}
here=$(cd "$(dirname "$0")" && pwd)
TSC_SOAK=$(mktemp -d "${TSC_TEST_ROOT:-${TMPDIR:-/tmp}}/tsc-soak-XXXXXX")
export TSC_SOAK
trap 'rm -rf "$TSC_SOAK"' EXIT
mkdir -m 700 "$TSC_SOAK/run"
cd "$here/../.."
act() { node --import ./node_modules/tsx/dist/loader.mjs test/soak/kept-up.ts "$@"; }

act make
while [ -e "$TSC_SOAK/run/v1/supervisor.sock" ]; do sleep 0.1; done
from=$(date +%s%3N)
sleep "$seconds"
if [ -e "$TSC_SOAK/run/v1/supervisor.sock" ]; then echo "somebody started a supervisor" >&2; exit 1; fi
act look "$from" "$(date +%s%3N)"
