// SPDX-License-Identifier: Apache-2.0
import type { ProjectModel } from '../model/project-model.js'

/** These services and all that they depend on, each behind those that it needs. */
export function withDependencies(
  { services }: Pick<ProjectModel, 'services'>,
  names: readonly string[],
): readonly string[] {
  const ordered = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const other of Object.keys(services[name]?.depends_on ?? {})) visit(other)
    ordered.add(name)
  }
  for (const name of names) visit(name)
  return [...ordered]
}
