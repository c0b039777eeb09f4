// SPDX-License-Identifier: Apache-2.0
import type { HistoryEntry, ImageConfig, ImageDocument, ImageHealthcheck } from '../../oci/image-config.js'
import type { Platform } from '../../oci/platform.js'
import { LayeredMap } from './layered-map.js'
import { rootPath } from './root-path.js'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const comment = 'buildkit.dockerfile.v0'

/** How much text the history of an image may have: what has more would be no config that anybody reads. */
export const maxHistory = 4 * 1024 * 1024

interface HistoryLink {
  readonly entry: HistoryEntry
  readonly before: HistoryLink | null
}

/** The config of an image while instructions change it. */
export class ImageState {
  user = ''
  workingDir = ''
  author: string | undefined
  entrypoint: readonly string[] | undefined
  cmd: readonly string[] | undefined
  shell: readonly string[] | undefined
  stopSignal: string | undefined
  healthcheck: ImageHealthcheck | undefined
  onBuild: readonly string[] = []
  readonly env: LayeredMap<string>
  readonly labels: LayeredMap<string>
  readonly exposedPorts: LayeredMap<true>
  readonly volumes: LayeredMap<true>
  /** How much text the history has. */
  historyLength = 0
  private history: HistoryLink | null = null

  private constructor(
    readonly platform: Platform,
    below: ImageState | null = null,
  ) {
    this.env = new LayeredMap(below?.env)
    this.labels = new LayeredMap(below?.labels)
    this.exposedPorts = new LayeredMap(below?.exposedPorts)
    this.volumes = new LayeredMap(below?.volumes)
  }

  /** Of an image that has nothing. */
  static empty(platform: Platform): ImageState {
    const state = new ImageState(platform)
    state.workingDir = '/'
    return state.withPath()
  }

  /** Of an image that is built on. Its triggers are not the new one's. */
  static of({ config, platform, author, history }: ImageDocument): ImageState {
    const state = new ImageState(platform)
    state.takeConfig(config)
    state.author = author
    for (const entry of history) state.addEntry(entry)
    return state.withPath()
  }

  /** Of a stage on top of another. */
  static on(base: ImageState): ImageState {
    const state = new ImageState(base.platform, base)
    const { user, workingDir, author, entrypoint, cmd, shell, stopSignal, healthcheck, history, historyLength } = base
    const inherited = {
      user,
      workingDir,
      author,
      entrypoint,
      cmd,
      shell,
      stopSignal,
      healthcheck,
      history,
      historyLength,
    }
    return Object.assign(state, inherited)
  }

  /** Notes what was done. */
  addHistory(
    createdBy: string,
    { isLayer, created }: { readonly isLayer: boolean; readonly created?: string | undefined },
  ): void {
    this.addEntry({ createdBy, comment, created, emptyLayer: isLayer ? undefined : true })
  }

  /** Oldest first. */
  get entries(): readonly HistoryEntry[] {
    const entries: HistoryEntry[] = []
    for (let link = this.history; link; link = link.before) entries.push(link.entry)
    return entries.reverse()
  }

  /** The config as it is now. */
  toConfig(): ImageConfig {
    const labels = this.labels.flatten()
    return {
      user: this.user || undefined,
      workingDir: this.workingDir || undefined,
      env: [...this.env.flatten()].map(([name, value]) => `${name}=${value}`),
      entrypoint: this.entrypoint,
      cmd: this.cmd,
      shell: this.shell,
      stopSignal: this.stopSignal,
      healthcheck: this.healthcheck,
      labels: labels.size === 0 ? undefined : Object.fromEntries(labels),
      exposedPorts: namesOf(this.exposedPorts),
      volumes: namesOf(this.volumes),
      onBuild: this.onBuild.length === 0 ? undefined : this.onBuild,
    }
  }

  private takeConfig(config: ImageConfig): void {
    this.user = config.user ?? ''
    this.workingDir = config.workingDir ? rootPath(config.workingDir) : ''
    this.entrypoint = config.entrypoint
    this.cmd = config.cmd
    this.shell = config.shell
    this.stopSignal = config.stopSignal
    this.healthcheck = config.healthcheck
    for (const entry of config.env ?? []) this.env.set(...splitVariable(entry))
    for (const [name, value] of Object.entries(config.labels ?? {})) this.labels.set(name, value)
    for (const port of config.exposedPorts ?? []) this.exposedPorts.set(port, true)
    for (const volume of config.volumes ?? []) this.volumes.set(volume, true)
  }

  private addEntry(entry: HistoryEntry): void {
    this.history = { entry, before: this.history }
    this.historyLength += (entry.createdBy?.length ?? 0) + 100
  }

  private withPath(): this {
    if (!this.env.flatten().has('PATH')) this.env.set('PATH', defaultPath)
    return this
  }
}

function namesOf(map: LayeredMap<true>): readonly string[] | undefined {
  const names = [...map.flatten().keys()]
  return names.length === 0 ? undefined : names
}

function splitVariable(entry: string): readonly [string, string] {
  const equals = entry.indexOf('=')
  return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
}
