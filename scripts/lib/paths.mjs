// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, or the installed package. */
export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The sources are there: a checkout, where scripts/setup.mjs builds, not an installed package. */
export const isCheckout = () => existsSync(join(top, 'src'))

const libc = () => (process.report?.getReport?.().header.glibcVersionRuntime ? 'glibc' : 'musl')

/** The folder of prebuilds/ for this machine, for instance `linux-x64-glibc`. */
export const prebuildName = () => `${process.platform}-${process.arch}-${libc()}`

export const addonName = 'tscontainer.node'
export const supervisorName = 'tscontainer-supervisor'
export const releaseDir = join(top, 'build', 'Release')
export const prebuildDir = () => join(top, 'prebuilds', prebuildName())
