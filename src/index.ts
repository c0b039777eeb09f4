// SPDX-License-Identifier: Apache-2.0
import './api/dispose-symbols.js'

export { Container } from './api/container.js'
export type { ContainerApi, ContainerHandle } from './api/container-api.js'
export { ContainerEvents } from './api/container-events.js'
export { ContainerFileSystem } from './api/container-file-system.js'
export { ContainerProcesses } from './api/container-processes.js'
export { ContainerReach } from './api/container-reach.js'
export {
  type DiskUsage,
  type DiskUse,
  Engine,
  type EngineDrivers,
  type EngineInfo,
  type EnginePruneOptions,
  type Pruned,
  type ReclaimableUse,
} from './api/engine.js'
export type { EngineDefaults, EngineOptions, EnginePlugins } from './api/engine-options.js'
export { Image } from './api/image.js'
export type { Build } from './api/image-build.js'
export type { ImageChoice } from './api/image-choice.js'
export type { Pull, PullProgress } from './api/image-pull.js'
export type { Push, PushProgress } from './api/image-push.js'
export { Network, type NetworkSide } from './api/network.js'
export type { RunOnceOptions } from './api/prepare-options.js'
export { type ReferrersOptions, Registry, type RegistryCallOptions } from './api/registry.js'
export type { TagList } from './api/tag-list.js'
export { Volume } from './api/volume.js'
export type { WithEngine } from './api/with-engine.js'
export type { AttestOptions } from './build/attest/attest-options.js'
export type { BuildContextSource, BuildOptions, BuildSecret } from './build/build-options.js'
export type {
  BuildCacheFrom,
  BuildCacheMode,
  BuildCacheTo,
  InlineBuildCache,
  LocalBuildCache,
  RegistryBuildCache,
} from './build/cache/cache-options.js'
export type { BuildFunction, BuildTools } from './build/code/build-tools.js'
export type { CallSite } from './build/code/call-site.js'
export type { CodeBuildOptions } from './build/code/code-build-options.js'
export type { CodeBase, CodeStage, CodeStep } from './build/code/code-stage.js'
export type { CodeCommand, CodeHealthcheck } from './build/code/config-steps.js'
export type { CodeAddOptions, CodeCopyCommon, CodeCopyOptions, CodeFileOptions } from './build/code/copy-steps.js'
export type {
  CodeBindMount,
  CodeCacheMount,
  CodeFiles,
  CodeMount,
  CodeOwner,
  CodeRunOptions,
  CodeSecretMount,
  CodeSshMount,
  CodeTmpfsMount,
} from './build/code/run-step.js'
export type { MemoryFile, MemoryFiles } from './build/context/open-memory-context.js'
export type {
  BuildArchiveOutput,
  BuildArchiveTarget,
  BuildDirectoryOutput,
  BuildImageOutput,
  BuildOutput,
} from './build/output/output-options.js'
export type {
  BuildDoneEvent,
  BuildEventBase,
  BuildFailedEvent,
  BuildGraphEvent,
  BuildImageEvent,
  BuildOutputEvent,
  BuildProgress,
  BuildStep,
  BuildStepEvent,
  BuildWarningEvent,
} from './build/progress/build-progress.js'
export type { BuildReport, BuildStepReport } from './build/progress/build-report.js'
export { showBuild, type ViewTarget } from './build/progress/terminal-view.js'
export type { CallOptions, RemoveOptions, StatsOptions, StopOptions, WaitOptions } from './container/call-options.js'
export type { CommitOptions } from './container/commit-container.js'
export type { ConnectOptions } from './container/connect-network.js'
export type { ContainerExec } from './container/container-execs.js'
export type { LogsOptions } from './container/container-logs.js'
export type { ContainerMount } from './container/container-record.js'
export type { ContainerState } from './container/container-state.js'
export type { Stats } from './container/container-stats.js'
export type { DialOptions } from './container/dial-container.js'
export type { DispatcherOptions, FetchDispatcher } from './container/dial-dispatcher.js'
export type { ContainerChange } from './container/diff-container.js'
export type { FileContent } from './container/file-calls.js'
export type {
  ChownOptions,
  CopiedEntry,
  CopyInOptions,
  CopyOptions,
  FileOwner,
  MakeOptions,
  MkdirOptions,
  ReaddirOptions,
  ReadFileOptions,
  RmOptions,
  WatchOptions,
  WriteFileOptions,
} from './container/file-options.js'
export { type FileEntry, FileStats, type FileType } from './container/file-stats.js'
export type { ContainerFilter } from './container/find-container.js'
export type {
  ContainerHealth,
  ContainerImage,
  ContainerInspection,
  ContainerNetwork,
  HealthResult,
} from './container/inspection.js'
export type { LogDriver, LoggedContainer, LogSink } from './container/log-driver.js'
export type { PruneOptions } from './container/prune-containers.js'
export type { PublishedPort } from './container/published-ports.js'
export type { UpdateOptions } from './container/update-container.js'
export type { FileEvent, FileWatch } from './container/watch-files.js'
export {
  type CommonErrorFields,
  EngineError,
  type EngineErrorFields,
  type EngineErrorOf,
  type ErrorDetails,
  type PlainErrorCode,
  type WithResult,
} from './errors/engine-error.js'
export { type ErrorCode, errorCodes } from './errors/error-code.js'
export type { ExecResult } from './errors/exec-result.js'
export type { ExitStatus } from './errors/exit-status.js'
export type { HostLack, HostReport, HostWeakness, HostWeaknessName } from './errors/host-report.js'
export type { LogEntry } from './errors/log-entry.js'
export type { Signal } from './errors/signal-name.js'
export type {
  ContainerEvent,
  ContainerEventType,
  EgressEvent,
  EngineEvent,
  EventBase,
  EventMap,
  EventOf,
  EventType,
  ExecEvent,
  HealthEvent,
  LifecycleEventType,
  ObjectEvent,
  PressureEvent,
  RenamedEvent,
  RunningEvent,
  StoppedEvent,
  WarningEvent,
} from './events/engine-event.js'
export type { EventOptions } from './events/event-bus.js'
export type { EventCriteria, EventFilter } from './events/event-filter.js'
export type { BuildCache } from './image/build-caches.js'
export type { ImageIndex } from './image/create-index.js'
export type { GetImageOptions } from './image/get-image-options.js'
export type { HostImageOptions } from './image/host-image.js'
export type { ImageLayer } from './image/image-record.js'
export type { ImportOptions } from './image/import-image.js'
export type { ImageInspection } from './image/inspect-image.js'
export type { ImageFilter } from './image/list-images.js'
export type { LoadOptions } from './image/load-images.js'
export type { LayerProgress, TotalProgress } from './image/progress-meter.js'
export type { PruneImagesOptions } from './image/prune-images.js'
export type { PullStep } from './image/pull-image.js'
export type { LayerPhase } from './image/pull-layer.js'
export type { PullOptions, PullPolicy } from './image/pull-options.js'
export type { PushedImage, PushPhase, PushStep } from './image/push-image.js'
export type { PushOptions } from './image/push-options.js'
export type { SaveFormat } from './image/save-content.js'
export type { SaveOptions, SaveTarget } from './image/save-images.js'
export type { ByteSource, ByteStream } from './layer/byte-source.js'
export type { ProcessInfo } from './native/messages.js'
export type { DeviceIo, InterfaceTraffic, Pressure, PressureShare, TrafficCounts } from './native/stats-message.js'
export type { NetworkAttachment, NetworkChoice, NetworkIdentity, NetworkReference } from './network/attachment.js'
export type { EgressOptions } from './network/egress.js'
export type { Impairment } from './network/impairment.js'
export type { NetworkInspection } from './network/inspect-network.js'
export type { NetworkCreateOptions, NetworkFilter, PruneNetworksOptions } from './network/network-options.js'
export type { MacvlanMode, MacvlanRecord, NetworkSubnet } from './network/network-record.js'
export type { PortMapping, PortSpec, Protocol } from './network/port-spec.js'
export type { NetworkUpdateOptions } from './network/update-network.js'
export type { Descriptor } from './oci/descriptor.js'
export type { Digest } from './oci/digest.js'
export type { HistoryEntry, ImageConfig, ImageHealthcheck } from './oci/image-config.js'
export type { Platform } from './oci/platform.js'
export type { SeccompAction, SeccompArgSpec, SeccompOperator } from './oci/runtime-spec-seccomp.js'
export type { CredentialDriver } from './registry/credential-driver.js'
export type { CredentialQuery } from './registry/credential-store.js'
export type {
  BearerTokenAuth,
  IdentityTokenAuth,
  PasswordAuth,
  Pem,
  RegistryAuth,
  RegistryHostOptions,
  RegistryOptions,
} from './registry/registry-options.js'
export type { Attachment, AttachOptions } from './runtime/attachment.js'
export type {
  DeviceMapping,
  ExtraHosts,
  IoLimits,
  LogOptions,
  PressureLimit,
  TerminalSize,
  UlimitName,
  UlimitPair,
  Ulimits,
  UlimitValue,
} from './runtime/container-option-parts.js'
export type { ContainerListeners, ContainerOptions } from './runtime/container-options.js'
export type { BytesExecOptions, ExecDefaults, ExecLimits, ExecOptions, OutputTarget } from './runtime/exec-options.js'
export type { Execution } from './runtime/execution.js'
export type { Healthcheck } from './runtime/healthcheck.js'
export type { InjectedFile } from './runtime/injected-file.js'
export type { BindMount, ImageMount, Mount, TmpfsMount, VolumeMount } from './runtime/mount-options.js'
export type { OutputChunk, OutputName } from './runtime/output-log.js'
export type { OutputStream } from './runtime/output-stream.js'
export type { InputSource, StreamSource } from './runtime/process-input.js'
export type { ProxySettings } from './runtime/proxy-environment.js'
export type { Rate } from './runtime/rate.js'
export { Ready } from './runtime/ready.js'
export type {
  ReadyExecOptions,
  ReadyHttpOptions,
  ReadyLogOptions,
  ReadyOptions,
  ReadyPortOptions,
  TlsExpectations,
} from './runtime/ready-options.js'
export type { ResourceOptions } from './runtime/resources.js'
export type { RestartPolicy } from './runtime/restart-policy.js'
export type { CapabilityChanges } from './security/capabilities.js'
export type {
  SeccompArchitectures,
  SeccompCondition,
  SeccompProfile,
  SeccompProfileRule,
} from './security/seccomp-profile.js'
export type { SignaturePolicy, SignOptions, VerifyOptions } from './signature/signature-options.js'
export type { ByteSize } from './util/byte-size.js'
export type { VolumeInspection } from './volume/inspect-volume.js'
export type { DriverUsage, DriverUse, DriverVolume, VolumeDriver } from './volume/volume-driver.js'
export type { PruneVolumesOptions, VolumeCreateOptions, VolumeFilter } from './volume/volume-options.js'
