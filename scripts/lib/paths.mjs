// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, or the installed package. */
export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The sources are there: a checkout, where scripts/setup.mjs builds, not an installed package. */
export const isCheckout = () => existsSync(join(top, 'src'))

export const addonName = 'tscontainer.node'
export const supervisorName = 'tscontainer-supervisor'
export const releaseDir = join(top, 'build', 'Release')

/** The file and the folders that pkg-prebuilds looks for, with the options that src/native gives it. */
export const prebuiltAddonName = 'node-napi-v8.node'
export const prebuildDir = (arch = process.arch) => join(top, 'prebuilds', `tscontainer-linux-${arch}`)
