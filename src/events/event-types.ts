// SPDX-License-Identifier: Apache-2.0
import type { EventType, LifecycleEventType } from './engine-event.js'

const ofLives: { readonly [K in LifecycleEventType]: true } = {
  created: true,
  renamed: true,
  running: true,
  paused: true,
  stopped: true,
  removed: true,
  oom: true,
  pressure: true,
  egress: true,
  health: true,
}
const ofEngines: { readonly [K in EventType]: true } = {
  ...ofLives,
  exec: true,
  image: true,
  network: true,
  volume: true,
  warning: true,
}

/** The types of what a container tells of its own life. */
export const lifecycleEventTypes = Object.keys(ofLives) as readonly LifecycleEventType[]

/** The types of all that an engine tells. */
export const eventTypes = Object.keys(ofEngines) as readonly EventType[]
