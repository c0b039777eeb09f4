// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'

const fixture = (given: string | undefined, name: string): string => {
  const path = given ?? `/var/cache/tscontainer-test/${name}-bookworm.tar`
  if (!existsSync(path)) throw new Error(`${path} is missing: run node scripts/setup.mjs --tests`)
  return path
}

/** The path of a tar with a minimal real Debian root filesystem; scripts/setup.mjs --tests makes it with mmdebstrap. */
export const debianTar = (): string => fixture(process.env.TSC_TEST_DEBIAN, 'debian')

/** The same with PostgreSQL, Redis and nginx installed, and no cluster of PostgreSQL. */
export const servicesTar = (): string => fixture(process.env.TSC_TEST_SERVICES, 'services')

/** The same as the first with a C compiler, make and wget installed: what Dockerfiles of people build on. */
export const toolchainTar = (): string => fixture(process.env.TSC_TEST_TOOLCHAIN, 'toolchain')

/** Debian with nginx, PHP, MariaDB and Redis: made only where TSC_TEST_ALL is set. */
export const classicTar = (): string => fixture(process.env.TSC_TEST_CLASSIC, 'classic')
