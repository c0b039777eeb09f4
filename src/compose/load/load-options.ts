// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { quoted } from '../../errors/printable.js'
import { checkGivenName } from '../project/project-name.js'

/** What is merged over a project's files: the path of one more file, or a document as a value, as YAML would have it. */
export type ComposeOverride = string | { readonly [key: string]: unknown }

/** How a project is loaded. */
export interface LoadOptions {
  /** Profiles that are active, `*` for all; else those of the variable COMPOSE_PROFILES, separated by commas. */
  readonly profiles?: readonly string[] | undefined
  /** Variables in place of those of this process. Those of a `.env` file in the project's directory come after them. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Merged over the files, in this order. Variables in them are filled in as in files. */
  readonly overrides?: ComposeOverride | readonly ComposeOverride[] | undefined
  /** The project's name, else that of the variable COMPOSE_PROJECT_NAME, of the files, or of the directory. */
  readonly name?: string | undefined
  /** Where relative paths begin and where `.env` is, else the directory of the first file. */
  readonly projectDirectory?: string | undefined
  /**
   * `skip` leaves out whether the project contradicts itself: services, networks, volumes and secrets that are named and not there, cycles, keys
   * that exclude each other. For looking at part of a project; such a one cannot be run. Default: check.
   */
  readonly consistency?: 'check' | 'skip' | undefined
  /** Stops the loading, which rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.includes('\0')
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const isOverride = (value: unknown): boolean => isText(value) || isObject(value)

const checks: Readonly<Record<keyof LoadOptions, readonly [(value: unknown) => boolean, string]>> = {
  profiles: [(value) => Array.isArray(value) && value.every(isText), 'a list of names'],
  env: [
    (value) =>
      isObject(value) && Object.values(value as object).every((one) => one === undefined || typeof one === 'string'),
    'an object of strings',
  ],
  overrides: [
    (value) => isOverride(value) || (Array.isArray(value) && value.every(isOverride)),
    'a path, a document, or a list of them',
  ],
  name: [isText, 'a name'],
  projectDirectory: [isText, 'a path'],
  consistency: [(value) => value === 'check' || value === 'skip', "'check' or 'skip'"],
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal'],
}

/** Refuses with ERR_INVALID_ARGUMENT what is unknown or of another kind. */
export function checkLoadOptions(options: LoadOptions): void {
  if (!isObject(options)) throw refused('options', `expected an object, got ${quoted(options)}`)
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, key)) throw refused(key, `unknown option; known are: ${Object.keys(checks).join(', ')}`)
    const [fits, what] = checks[key as keyof LoadOptions]
    if (value !== undefined && !fits(value)) throw refused(key, `expected ${what}, got ${quoted(value)}`)
  }
  if (options.name !== undefined) checkGivenName(options.name, 'name')
}

/** The paths given, of which each is one; none where they are to be found. */
export function checkFiles(files: unknown): readonly string[] {
  const list = files === undefined ? [] : typeof files === 'string' ? [files] : files
  if (!Array.isArray(list) || !list.every(isText))
    throw refused('file', `expected a path or a list of them, got ${quoted(files)}`)
  return list
}

const refused = (option: string, problem: string) =>
  new EngineError({ code: 'ERR_INVALID_ARGUMENT', message: `${option}: ${problem}`, option })
