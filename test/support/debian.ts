// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'

/** The path of a tar with a minimal real Debian root filesystem; scripts/setup.mjs --tests makes it with mmdebstrap. */
export const debianTar = (): string => {
  const path = process.env.TSC_TEST_DEBIAN ?? '/var/cache/tscontainer-test/debian-bookworm.tar'
  if (!existsSync(path)) throw new Error(`${path} is missing: run node scripts/setup.mjs --tests`)
  return path
}
