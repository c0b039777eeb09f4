// SPDX-License-Identifier: Apache-2.0
import type {
  BuildOptions,
  ContainerOptions,
  NetworkCreateOptions,
  VolumeCreateOptions,
} from '../../../../src/index.js'

/** A compose file as a value. */
export type Document = Readonly<Record<string, unknown>>

/**
 * What a property comes to. `document` is a project with a service `web` that says it; what is expected of it is one of: options of its
 * container, its build, its network or volume `one`; a report at a path; a refusal; a place in the model, for whoever runs the project.
 */
export interface PropertyRow {
  readonly document?: Document
  readonly container?: ContainerOptions | ((options: ContainerOptions) => unknown)
  readonly build?: BuildOptions
  readonly network?: NetworkCreateOptions
  readonly volume?: VolumeCreateOptions
  /** The path of a report; properties below need no rows of their own. */
  readonly reported?: string
  /** The option of an error. */
  readonly refused?: string
  /** What the model has at the path, for the part of the project that acts on it; properties below need no rows of their own. */
  readonly kept?: { readonly path: string; readonly value: unknown }
  /** All that it says is said by the properties below it. */
  readonly isParent?: true
}

export type PropertyRows = Readonly<Record<string, PropertyRow>>

/** It says nothing by itself. */
export const parent: PropertyRow = { isParent: true }

/** A project whose service `web` has these properties. */
export const web = (properties: Document, others: Document = {}): Document => ({
  name: 'shop',
  services: { web: { image: 'img', ...properties } },
  ...others,
})

/** The options that its container has. */
export const container = (properties: Document, expected: ContainerOptions, others?: Document): PropertyRow => ({
  document: web(properties, others),
  container: expected,
})

/** It is told that it has no effect, at its own place or at another one. */
export const reported = (properties: Document, path: string, others?: Document): PropertyRow => ({
  document: web(properties, others),
  reported: `services.web.${path}`,
})

export const refused = (properties: Document, path: string, others?: Document): PropertyRow => ({
  document: web(properties, others),
  refused: `services.web.${path}`,
})

/** It stays in the model, where who runs the project finds it. */
export const kept = (properties: Document, path: string, value: unknown, others?: Document): PropertyRow => ({
  document: web(properties, others),
  kept: { path: `services.web.${path}`, value },
})
