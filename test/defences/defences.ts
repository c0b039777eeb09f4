// SPDX-License-Identifier: Apache-2.0
import { build } from './build.js'
import { confinement } from './confinement.js'
import type { Defence } from './defence.js'
import { files } from './files.js'
import { layers } from './layers.js'
import { network } from './network.js'
import { registry } from './registry.js'
import { resources } from './resources.js'
import { strangers } from './strangers.js'

/** Every defence that is known to be missed by a test when it is away. */
export const defences: readonly Defence[] = [
  ...registry,
  ...files,
  ...confinement,
  ...strangers,
  ...network,
  ...layers,
  ...build,
  ...resources,
]
