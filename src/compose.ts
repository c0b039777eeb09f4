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
export type { ConfigFormat } from './compose/project/config-output.js'
export { type ConfigOptions, Project } from './compose/project/project.js'
