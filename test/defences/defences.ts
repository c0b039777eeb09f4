// SPDX-License-Identifier: Apache-2.0
import { build } from './build.js'
import type { Defence } from './defence.js'
import { files } from './files.js'
import { layers } from './layers.js'
import { network } from './network.js'
import { registry } from './registry.js'
import { resources } from './resources.js'
import { runtime } from './runtime.js'

/** Every defence that is known to be missed by a test when it is away. */
export const defences: readonly Defence[] = [
  ...registry,
  ...files,
  ...runtime,
  ...network,
  ...layers,
  ...build,
  ...resources,
]
