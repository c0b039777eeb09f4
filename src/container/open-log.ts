// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from '../runtime/container-options.js'
import { openDriverLog } from './driver-log.js'
import { LogCallback } from './log-callback.js'
import type { LogDrivers, LoggedContainer } from './log-driver.js'

/** A log that this process takes while the container lives. */
export interface OpenLog extends Pick<LogCallback, 'writeEnd' | 'drain' | 'close' | 'abandon'> {
  /** Resolves when a driver has taken all of it. */
  readonly taken?: Promise<void> | undefined
}

/** Opens the log of a container about to be made, where a function or a plugin takes it. */
export async function openLog(
  drivers: LogDrivers,
  container: LoggedContainer,
  logs: ContainerOptions['logs'],
): Promise<OpenLog | undefined> {
  if (logs?.onEntry) return new LogCallback(logs.onEntry)
  const driver = await openDriverLog(drivers, container, logs)
  if (!driver) return undefined
  const pipe = new LogCallback((entry) => driver.take(entry))
  driver.onPressure = (isFull) => pipe.hold(isFull)
  return {
    writeEnd: pipe.writeEnd,
    drain: (untilBytes) => pipe.drain(untilBytes),
    close: () => pipe.close(),
    abandon: () => pipe.abandon(),
    taken: pipe.ended.then(() => driver.end()),
  }
}
