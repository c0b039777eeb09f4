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
  /** The containers of the project by service and number, as `docker compose ps` lists them; ERR_INVALID_ARGUMENT for services that it does not have. */
  ps(options: PsOptions = {}): Promise<readonly ProjectContainerRow[]> {
    return listProjectContainers(this.running, options)
  }

  /** One container of a service that runs: its attach, fs, dial and all the rest. ERR_CONTAINER_NOT_FOUND. */
  async container(service: string, choice: ContainerChoice = {}): Promise<Container> {
    return (await findServiceContainer(this.running, service, choice)).container
  }

  /**
   * What the containers wrote, those that have ended too: what is there in the order of time, then in the order in which it comes. Containers that
   * keep no log are left out, unless their service is named: ERR_UNSUPPORTED.
   */
  logs(options: ProjectLogsOptions = {}): AsyncGenerator<ProjectLogEntry, void> {
    return projectLogs(this.running, options)
  }

  /**
   * Shows what containers write as `docker compose up` does, those that come later too: behind their names, and how they end. From now on, unless
   * `tail` or `since` say otherwise. Resolves when none of them runs any more; rejects with the reason of the signal.
   */
  attach(options: ProjectAttachOptions = {}): Promise<void> {
    return attachToProject(this.running, options)
  }

  /**
   * Runs a command in a container of a service. Malformed arguments throw at once; that there is none is told by the promise:
   * ERR_CONTAINER_NOT_FOUND, ERR_INVALID_ARGUMENT for what is no service.
   */
  exec(service: string, argv: readonly string[], options: BytesServiceExecOptions): Execution<Uint8Array>
  /** Likewise, with the output as text. */
  exec(service: string, argv: readonly string[], options?: ServiceExecOptions): Execution
  exec(service: string, argv: readonly string[], options?: ServiceExecOptions): Execution & Execution<Uint8Array> {
    return execInService(this.running, service, argv, options)
  }

  /** As `exec`, a script in the /bin/sh of the container. */
  sh(service: string, script: string, options: BytesServiceExecOptions): Execution<Uint8Array>
  /** Likewise, with the output as text. */
  sh(service: string, script: string, options?: ServiceExecOptions): Execution
  sh(service: string, script: string, options?: ServiceExecOptions): Execution & Execution<Uint8Array> {
    return execInService(this.running, service, ['/bin/sh', '-c', script], options)
  }

  /**
   * Runs a command of a service, its own by default, in a new container that is none of those of `up`; what the service depends on is started first.
   * ERR_CONTAINER_EXITED when it ends with another code than 0.
   */
  run(service: string, argv?: readonly string[], options: ServiceRunOptions = {}): Promise<ServiceRunResult> {
    const { running, keeper } = this
    checkServiceRun(running, service, argv, options)
    return beginProjectOperation(
      (tell) => runOneOff(running, service, argv, { options, tell, keeper }),
      options.onProgress,
    )
  }

  /** What happens to the containers from the call on, or after `since`, until the loop is left or the signal aborts. */
  events(options: ProjectEventOptions = {}): AsyncIterableIterator<ProjectEvent> {
    return projectEvents(this.running, options)
  }

  /**
   * Resolves when the containers that the services have now are as `condition` says, with what they are then. To be healthy a service has to have
   * one: ERR_CONTAINER_NOT_FOUND; ERR_CONTAINER_EXITED and ERR_READY_TIMEOUT for one that ends or is unhealthy, with its last lines.
   */
  wait(options: ProjectWaitOptions = {}): Promise<readonly ProjectContainerRow[]> {
    return waitForProject(this.running, options)
  }

  /** Where on the host a port of a service is reached. ERR_PORT_NOT_PUBLISHED, ERR_CONTAINER_NOT_FOUND. */
  port(service: string, port: number, options: PortOptions = {}): Promise<PublishedPort> {
    return servicePort(this.running, service, port, options)
  }

  /** What runs in the containers, those of `run` too. */
  top(options: ServiceChoice = {}): Promise<readonly ProjectProcesses[]> {
    return listProcesses(this.running, options)
  }

  /** The images that the containers were made of, also of those that do not run. */
  images(options: ServiceChoice = {}): Promise<readonly ProjectImage[]> {
    return listProjectImages(this.running, options)
  }

  /** What the containers use, each at once and then each interval, those that come later too. */
  stats(options: ProjectStatsOptions = {}): AsyncGenerator<ProjectStats, void> {
    return projectStats(this.running, options)
  }

  /**
   * Copies `from` one place `to` another: one of them is in the containers of a service (`'web:/srv'`), the other a path of the host, or the stream of a tar that
   * is unpacked there. Into all of them, out of the first; they may be stopped. What is copied, and how, is that of `container.fs`.
   */
  cp(from: string | ServicePath | ByteStream, to: string, options: ServiceCopyOptions = {}): Promise<void> {
    return copyServiceFiles(this.running, from, to, options)
  }

  /** Pulls the images of services, each once and all at the same time; those that are built here are left out. */
  pull(options: ProjectPullOptions = {}): Promise<readonly PulledService[]> {
    return pullProjectImages(this.running, options)
  }

  /** Builds the images of services that have a `build`: those that others start from first, all else at the same time. */
  build(options: ProjectBuildOptions = {}): ProjectOperation<readonly BuiltService[]> {
    const { running } = this
    checkProjectBuild(running, options)
    return beginProjectOperation((tell) => buildProjectImages(running, options, tell), options.onProgress)
  }

  /**
   * Watches what `develop.watch` of the services says and does what it says, from the first step of the loop until it is left or the signal aborts. What a
   * .dockerignore leaves out does not count, nor what editors and git write for themselves. ERR_INVALID_ARGUMENT where nothing is to be watched,
   * ERR_FILE_NOT_FOUND for a path that is not there.
   */
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

  /** Gives a service as many containers as its load wants, from the call until the signal aborts. What fails is told, and tried again. */
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
