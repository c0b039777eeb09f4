// SPDX-License-Identifier: Apache-2.0
import type { ByteStream, Container, Execution, PublishedPort } from 'tscontainer'
import { type AutoscaleOptions, type Autoscaling, autoscaleService } from '../deploy/autoscale.js'
import { beginProjectOperation, type ProjectOperation } from '../progress/project-operation.js'
import { ProjectChanges } from '../run/project-changes.js'
import type { WatchEvent } from '../watch/watch-event.js'
import { type ProjectWatchOptions, watchProject } from '../watch/watch-project.js'
import { attachToProject, type ProjectAttachOptions } from './attach-to-project.js'
import { type BuiltService, buildProjectImages, checkProjectBuild, type ProjectBuildOptions } from './build-images.js'
import { copyServiceFiles, type ServiceCopyOptions, type ServicePath } from './copy-service-files.js'
import { type BytesServiceExecOptions, execInService, type ServiceExecOptions } from './exec-in-service.js'
import { type ContainerChoice, findServiceContainer } from './find-service-container.js'
import { listProjectContainers, type ProjectContainerRow, type PsOptions } from './list-containers.js'
import { listProjectImages, type ProjectImage } from './list-images.js'
import { listProcesses, type ProjectProcesses } from './list-processes.js'
import { type ProjectEvent, type ProjectEventOptions, projectEvents } from './project-events.js'
import { type ProjectLogEntry, type ProjectLogsOptions, projectLogs } from './project-logs.js'
import { type ProjectStats, type ProjectStatsOptions, projectStats } from './project-stats.js'
import { type ProjectPullOptions, type PulledService, pullProjectImages } from './pull-images.js'
import { checkServiceRun, runOneOff, type ServiceRunOptions, type ServiceRunResult } from './run-one-off.js'
import type { ServiceChoice } from './service-choice.js'
import { type PortOptions, servicePort } from './service-port.js'
import { type ProjectWaitOptions, waitForProject } from './wait-for-project.js'

/** What looks at a running project, and leads into it. What there is of it is found by labels each time. */
export abstract class ProjectVerbs extends ProjectChanges {
  /** See {@link listProjectContainers}. */
  ps(options: PsOptions = {}): Promise<readonly ProjectContainerRow[]> {
    return listProjectContainers(this.running, options)
  }

  /** One container of a service that runs: its attach, fs, dial and all the rest. ERR_CONTAINER_NOT_FOUND. */
  async container(service: string, choice: ContainerChoice = {}): Promise<Container> {
    return (await findServiceContainer(this.running, service, choice)).container
  }

  /** See {@link projectLogs}. */
  logs(options: ProjectLogsOptions = {}): AsyncGenerator<ProjectLogEntry, void> {
    return projectLogs(this.running, options)
  }

  /** See {@link attachToProject}. */
  attach(options: ProjectAttachOptions = {}): Promise<void> {
    return attachToProject(this.running, options)
  }

  /** See {@link execInService}. */
  exec(service: string, argv: readonly string[], options: BytesServiceExecOptions): Execution<Uint8Array>
  exec(service: string, argv: readonly string[], options?: ServiceExecOptions): Execution
  exec(service: string, argv: readonly string[], options?: ServiceExecOptions): Execution & Execution<Uint8Array> {
    return execInService(this.running, service, argv, options)
  }

  /** As `exec`, a script in the /bin/sh of the container. */
  sh(service: string, script: string, options: BytesServiceExecOptions): Execution<Uint8Array>
  sh(service: string, script: string, options?: ServiceExecOptions): Execution
  sh(service: string, script: string, options?: ServiceExecOptions): Execution & Execution<Uint8Array> {
    return execInService(this.running, service, ['/bin/sh', '-c', script], options)
  }

  /** See {@link runOneOff}. */
  run(service: string, argv?: readonly string[], options: ServiceRunOptions = {}): Promise<ServiceRunResult> {
    const { running, keeper } = this
    checkServiceRun(running, service, argv, options)
    return beginProjectOperation(
      (tell) => runOneOff(running, service, argv, { options, tell, keeper }),
      options.onProgress,
    )
  }

  /** See {@link projectEvents}. */
  events(options: ProjectEventOptions = {}): AsyncIterableIterator<ProjectEvent> {
    return projectEvents(this.running, options)
  }

  /** See {@link waitForProject}. */
  wait(options: ProjectWaitOptions = {}): Promise<readonly ProjectContainerRow[]> {
    return waitForProject(this.running, options)
  }

  /** See {@link servicePort}. */
  port(service: string, port: number, options: PortOptions = {}): Promise<PublishedPort> {
    return servicePort(this.running, service, port, options)
  }

  /** See {@link listProcesses}. */
  top(options: ServiceChoice = {}): Promise<readonly ProjectProcesses[]> {
    return listProcesses(this.running, options)
  }

  /** See {@link listProjectImages}. */
  images(options: ServiceChoice = {}): Promise<readonly ProjectImage[]> {
    return listProjectImages(this.running, options)
  }

  /** See {@link projectStats}. */
  stats(options: ProjectStatsOptions = {}): AsyncGenerator<ProjectStats, void> {
    return projectStats(this.running, options)
  }

  /** See {@link copyServiceFiles}. */
  cp(from: string | ServicePath | ByteStream, to: string, options: ServiceCopyOptions = {}): Promise<void> {
    return copyServiceFiles(this.running, from, to, options)
  }

  /** See {@link pullProjectImages}. */
  pull(options: ProjectPullOptions = {}): Promise<readonly PulledService[]> {
    return pullProjectImages(this.running, options)
  }

  /** See {@link buildProjectImages}. */
  build(options: ProjectBuildOptions = {}): ProjectOperation<readonly BuiltService[]> {
    const { running } = this
    checkProjectBuild(running, options)
    return beginProjectOperation((tell) => buildProjectImages(running, options, tell), options.onProgress)
  }

  /** See {@link watchProject}. */
  watch(options: ProjectWatchOptions = {}): AsyncGenerator<WatchEvent, void> {
    const rebuild = async (service: string, signal: AbortSignal) => {
      const detached = await this.#isDetached(service)
      await this.up({ services: [service], build: true, noDeps: true, detached, signal })
    }
    const restart = async (service: string, signal: AbortSignal) => {
      await this.restart({ services: [service], noDeps: true, signal })
    }
    return watchProject(this.running, { rebuild, restart }, options)
  }

  /** See {@link autoscaleService}. */
  autoscale(service: string, options: AutoscaleOptions): Autoscaling {
    const scale = async (name: string, count: number, signal: AbortSignal | undefined) => {
      await this.scale({ [name]: count }, { noDeps: true, detached: await this.#isDetached(name), signal })
    }
    return autoscaleService(this.running, service, { scale, options })
  }

  // New containers live as long as those that there are.
  async #isDetached(service: string): Promise<boolean> {
    const [first] = await listProjectContainers(this.running, { services: [service] })
    return first !== undefined && (await first.container.inspect()).detached
  }
}
