// SPDX-License-Identifier: Apache-2.0

export type { Position } from './compose/document/position.js'
export type { ComposeWarning, ComposeWarningKind } from './compose/document/warning.js'
export type { ComposeOverride, LoadOptions } from './compose/load/load-options.js'
export type { BuildModel, FileMountModel, UlimitModel } from './compose/model/build-model.js'
export type { DeployModel, DeviceRequestModel, ResourceModel, UpdateModel } from './compose/model/deploy-model.js'
export type { ContentModel, NetworkModel, VolumeModel } from './compose/model/project-model.js'
export type { ServiceModel } from './compose/model/service-model.js'
export type {
  DependencyModel,
  HealthcheckModel,
  HookModel,
  MountModel,
  PortModel,
  ServiceNetworkModel,
  WatchModel,
} from './compose/model/service-parts.js'
export type {
  PlannedAction,
  PlannedActionBase,
  PlannedContainer,
  PlannedImage,
  PlannedNetwork,
  PlannedVolume,
  PlanWarning,
  ProjectPlan,
} from './compose/plan/project-plan.js'
export type { ProjectOperation } from './compose/progress/project-operation.js'
export type {
  ProjectBuildEvent,
  ProjectContainerEvent,
  ProjectContainerPhase,
  ProjectEventBase,
  ProjectHookEvent,
  ProjectImageEvent,
  ProjectPlanEvent,
  ProjectProgress,
  ProjectPullEvent,
  ProjectResourceEvent,
  ProjectWarningEvent,
} from './compose/progress/project-progress.js'
export { showProject } from './compose/progress/show-project.js'
export type { ConfigFormat } from './compose/project/config-output.js'
export { type FindOptions, Project } from './compose/project/project.js'
export { type ConfigOptions, ProjectView } from './compose/project/project-view.js'
export type { UpResult } from './compose/run/bring-up.js'
export type { DownOptions } from './compose/run/down-options.js'
export type { ProjectSummary, ServiceSummary } from './compose/run/found-project.js'
export { ProjectChanges } from './compose/run/project-changes.js'
export type {
  KillOptions,
  RestartOptions,
  RmOptions,
  ScaleOptions,
  StartOptions,
  StateOptions,
  StopServicesOptions,
} from './compose/run/state-options.js'
export type { CreateOptions, ProjectCallOptions, UpOptions } from './compose/run/up-options.js'
