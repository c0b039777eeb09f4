// SPDX-License-Identifier: Apache-2.0

export type { AutoscaleEvent, AutoscaleOptions, Autoscaling } from './compose/deploy/autoscale.js'
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
export type { ProjectAttachOptions } from './compose/verbs/attach-to-project.js'
export type { BuiltService, ProjectBuildOptions } from './compose/verbs/build-images.js'
export type { ServiceCopyOptions, ServicePath } from './compose/verbs/copy-service-files.js'
export type { BytesServiceExecOptions, ServiceExecOptions } from './compose/verbs/exec-in-service.js'
export type { ContainerChoice } from './compose/verbs/find-service-container.js'
export type { ProjectContainerRow, PsOptions } from './compose/verbs/list-containers.js'
export type { ProjectImage } from './compose/verbs/list-images.js'
export type { ProjectProcesses } from './compose/verbs/list-processes.js'
export type { LogViewOptions } from './compose/verbs/log-view.js'
export type { ProjectEvent, ProjectEventOptions } from './compose/verbs/project-events.js'
export type { ProjectLogEntry, ProjectLogsOptions } from './compose/verbs/project-logs.js'
export type { ProjectStats, ProjectStatsOptions } from './compose/verbs/project-stats.js'
export { ProjectVerbs } from './compose/verbs/project-verbs.js'
export type { ProjectPullOptions, ProjectPullProgress, PulledService } from './compose/verbs/pull-images.js'
export type { ServiceRunOptions, ServiceRunResult } from './compose/verbs/run-one-off.js'
export type { ServiceChoice } from './compose/verbs/service-choice.js'
export type { PortOptions } from './compose/verbs/service-port.js'
export type { ProjectWaitOptions } from './compose/verbs/wait-for-project.js'
export type { WatchEvent, WatchEventBase } from './compose/watch/watch-event.js'
export type { ProjectWatchOptions } from './compose/watch/watch-project.js'
