// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import { type CheckOptions, parseCheckOptions } from './check-options.js'

/** What a file says of its checks; `BUILDKIT_DOCKERFILE_CHECK`, given to the build, stands in its place. */
export function optionsOf({ check, source }: Dockerfile, given: ReadonlyMap<string, string>): CheckOptions {
  const override = given.get('BUILDKIT_DOCKERFILE_CHECK')
  const options = parseCheckOptions(override ?? check?.value ?? '')
  if (!('problem' in options)) return options
  if (override !== undefined) throw invalidArgument('args.BUILDKIT_DOCKERFILE_CHECK', options.problem, 'skip=Rule,Rule')
  const hint = 'write # check=skip=Rule,Rule;error=true'
  throw source.fail({ line: check?.line ?? 1, column: 1 }, options.problem, { hint })
}
