// SPDX-License-Identifier: Apache-2.0

/** A volume as its driver knows it. */
export interface DriverVolume {
  /** Unique in its engine. */
  readonly name: string
  /** As they were given to `Volume.create`. */
  readonly options: Readonly<Record<string, string>>
  /** As they were given to `Volume.create`. */
  readonly labels: Readonly<Record<string, string>>
}

/** For whom a volume is mounted. */
export interface DriverUse {
  /** The container's id. */
  readonly container: string
  /** Aborted with the call that needs it; what is mounted by then is unmounted by the engine. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Keeps volumes elsewhere than in the store: given to {@link Engine.open} as `plugins: { volumes: { name: driver } }`. What it throws becomes
 * ERR_VOLUME_DRIVER, with that as `cause`. Calls for one volume may come at the same time for several containers, and from several processes.
 */
export interface VolumeDriver {
  /** Makes it. Called again where a process was killed meanwhile: what is there already is as good as made. */
  create(volume: DriverVolume): Promise<void> | void
  /** Removes it with everything in it. Called again where a process was killed meanwhile: what is gone is as good as removed. */
  remove(volume: DriverVolume): Promise<void> | void
  /** Makes it a directory of this host, for one container; the absolute path. Owners there are those that containers see. */
  mount(volume: DriverVolume, use: DriverUse): Promise<string> | string
  /** That container is gone. Called for each `mount` that was begun, by a later process if that one was killed. */
  unmount(volume: DriverVolume, use: DriverUse): Promise<void> | void
  /** What it holds, if that can be told. */
  usage?(volume: DriverVolume): Promise<DriverUsage> | DriverUsage
}

/** What a volume holds. */
export interface DriverUsage {
  /** On whatever keeps it. */
  readonly bytes: number
  /** Files, directories and whatever else is in it. */
  readonly entries: number
}
