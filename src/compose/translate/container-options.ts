// SPDX-License-Identifier: Apache-2.0

import { imageName } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import type { ContainerRequest, ServiceResources, TranslatedContainer } from './container-request.js'
import { contentFiles } from './content-files.js'
import { identityOptions } from './identity-options.js'
import { limitOptions } from './limit-options.js'
import { logOptions } from './log-options.js'
import { mountsOf } from './mount-options.js'
import { namespaceOptions } from './namespace-options.js'
import { reportNotHonoured } from './not-honoured.js'
import { processOptions } from './process-options.js'
import { reachOptions } from './reach-options.js'
import { securityOptions } from './security-options.js'
import { supervisionOptions } from './supervision-options.js'
import { beginTranslation } from './translation.js'

/**
 * What the engine is to make of one container of a service. Reads the files that it names, and makes nothing. ERR_COMPOSE_INVALID and
 * ERR_UNSUPPORTED name the path in the model.
 */
export async function containerOptions(
  project: RunningProject,
  request: ContainerRequest,
  resources: ServiceResources,
): Promise<TranslatedContainer> {
  const translation = beginTranslation(project, request, resources)
  const { model, reporter } = translation
  if (model.provider !== undefined)
    reporter.unsupported(['provider'], `what '${model.provider.type}' provides is no container, and is not made here`)
  reportNotHonoured(translation)
  const [security, reach, content, mounts] = await Promise.all([
    securityOptions(translation),
    reachOptions(translation),
    contentFiles(translation),
    mountsOf(translation),
  ])
  const all = [...mounts, ...content.mounts]
  return {
    options: {
      ...identityOptions(translation),
      ...processOptions(translation),
      ...limitOptions(translation),
      ...namespaceOptions(translation),
      ...supervisionOptions(translation),
      ...logOptions(translation),
      ...security,
      ...reach,
      ...(all.length > 0 && { mounts: all }),
      ...(content.files.length > 0 && { files: content.files }),
    },
    image: imageName(project.origin.name, request.service, model),
    isBuilt: model.build !== undefined,
    reports: reporter.all,
  }
}
