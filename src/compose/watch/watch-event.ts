// SPDX-License-Identifier: Apache-2.0
import type { WatchModel } from '../model/service-parts.js'

/** What every event of `watch` says. */
export interface WatchEventBase {
  /** The service. */
  readonly service: string
}

/** What `watch` does. Nothing that fails ends it. */
export type WatchEvent =
  | (WatchEventBase & {
      /** From now on. */
      readonly type: 'watching'
      /** Of the host. */
      readonly path: string
      /** What a change does. */
      readonly action: WatchModel['action']
    })
  | (WatchEventBase & {
      /** Files were written or removed; what that leads to comes in the next events. */
      readonly type: 'changed'
      /** What is done. */
      readonly action: WatchModel['action']
      /** Of the host. */
      readonly written: readonly string[]
      /** Of the host; of a directory that itself alone. */
      readonly removed: readonly string[]
    })
  | (WatchEventBase & {
      /** Files were copied into one of its containers, and removed there. */
      readonly type: 'synced'
      /** The container's name. */
      readonly container: string
      /** How many files, links and directories. */
      readonly written: number
      /** How many. */
      readonly removed: number
      /** Milliseconds. */
      readonly durationMs: number
    })
  | (WatchEventBase & {
      /** A command ran in one of its containers. */
      readonly type: 'executed'
      /** The container's name. */
      readonly container: string
      /** As of the shell. */
      readonly exitCode: number
    })
  | (WatchEventBase & {
      /** Its containers were restarted; or built and made anew. */
      readonly type: 'restarted' | 'rebuilt'
      /** Milliseconds. */
      readonly durationMs: number
    })
  | (WatchEventBase & {
      /** Something did not work. The next change is the next try. */
      readonly type: 'failed'
      /** What was to be done. */
      readonly action: WatchModel['action']
      /** Why it was not. */
      readonly error: unknown
    })
