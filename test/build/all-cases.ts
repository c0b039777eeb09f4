// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from './build-case.js'
import { addCases } from './cases/add.js'
import { argumentCases } from './cases/arguments.js'
import { cachingCases } from './cases/caching.js'
import { commandCases } from './cases/commands.js'
import { configCases } from './cases/config.js'
import { copyCases } from './cases/copy.js'
import { copyFlagCases } from './cases/copy-flags.js'
import { dockerignoreCases } from './cases/dockerignore.js'
import { heredocCases } from './cases/heredocs.js'
import { mountCases } from './cases/mounts.js'
import { ownershipCases } from './cases/ownership.js'
import { stageCases } from './cases/stages.js'
import { symlinkCases } from './cases/symlinks.js'
import { syntaxCases } from './cases/syntax.js'
import { userCases } from './cases/users.js'

/** Every behaviour that there is a golden for, or should be. */
export const allCases: readonly BuildCase[] = [
  ...addCases,
  ...argumentCases,
  ...cachingCases,
  ...commandCases,
  ...configCases,
  ...copyCases,
  ...copyFlagCases,
  ...dockerignoreCases,
  ...heredocCases,
  ...mountCases,
  ...ownershipCases,
  ...stageCases,
  ...symlinkCases,
  ...syntaxCases,
  ...userCases,
]
