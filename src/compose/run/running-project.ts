// SPDX-License-Identifier: Apache-2.0
import type { Engine } from 'tscontainer'
import type { ProjectModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'
import type { ProjectOrigin } from '../project/labels.js'

/** A project together with the engine that runs it. What runs is found by labels each time: another process may have changed it. */
export interface RunningProject {
  readonly engine: Engine
  readonly origin: ProjectOrigin
  readonly model: ProjectModel
  /** The services that no active profile wants. */
  readonly disabled: Readonly<Record<string, ServiceModel>>
  /** The variables that its files were filled in with. */
  readonly environment: ReadonlyMap<string, string>
}

/** What is enough to find what belongs to a project. */
export interface ProjectIdentity {
  readonly engine: Engine
  readonly origin: Pick<ProjectOrigin, 'name'>
}
