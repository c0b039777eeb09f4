// SPDX-License-Identifier: Apache-2.0
import type { ProjectModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'
import type { RefuseService } from './consistency.js'

/** What a build names and excludes. */
export function checkBuild(
  name: string,
  { build, platform }: ServiceModel,
  model: ProjectModel,
  refuse: RefuseService,
): void {
  if (build === undefined) return
  if (build.dockerfile_inline !== undefined && build.dockerfile !== undefined) {
    refuse(
      ['build', 'dockerfile_inline'],
      `service "${name}" declares mutually exclusive dockerfile and dockerfile_inline`,
    )
  }
  for (const [index, { source }] of (build.secrets ?? []).entries()) {
    if (!(source in model.secrets))
      refuse(['build', 'secrets', index], `service "${name}" refers to undefined build secret ${source}`)
  }
  for (const [key, context] of Object.entries(build.additional_contexts ?? {})) {
    const other = /^service:(.*)$/.exec(context)?.[1]
    if (other === undefined) continue
    const path = ['build', 'additional_contexts', key]
    if (!(other in model.services))
      refuse(path, `build.additional_contexts[${key}] requires service "${other}" which is not defined or active`)
    if (model.services[other]?.build === undefined)
      refuse(path, `service "${other}" has no build, but its image is a context`)
  }
  if (platform !== undefined && (build.platforms?.length ?? 0) > 0 && !build.platforms?.includes(platform)) {
    refuse(['build', 'platforms'], `service.build.platforms must include service.platform "${platform}"`)
  }
}
