// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import { composeBytes } from '../canonical/compose-bytes.js'
import type { Translation } from './translation.js'

// Docker's names of what keeps a log in files.
const files = new Set(['json-file', 'local', 'file', ''])

/** Where what it writes goes. A driver that the engine lacks is reported, and the log is kept in files. */
export function logOptions({ model, project, request, reporter }: Translation): ContainerOptions {
  if (model.logging === undefined) return {}
  const { driver = '', options = {} } = model.logging
  if (driver === 'none') return { logs: { driver } }
  if (project.engine.drivers.logs.includes(driver) && !files.has(driver)) {
    if (!request.detached) return { logs: { driver, options } }
    reporter.report(['logging', 'driver'], 'a container that outlives this process cannot have it write its log')
    return {}
  }
  if (!files.has(driver)) {
    reporter.report(['logging', 'driver'], `the engine has no driver '${driver}': the log is kept in files`)
    return {}
  }
  const logs = fileOptions(options, (key, problem) => reporter.refuse(['logging', 'options', key], problem))
  for (const key of Object.keys(options))
    if (key !== 'max-size' && key !== 'max-file')
      reporter.report(['logging', 'options', key], 'logs in files have max-size and max-file')
  return Object.keys(logs).length > 0 ? { logs } : {}
}

function fileOptions(options: Readonly<Record<string, string>>, refuse: (key: string, problem: string) => never) {
  const { 'max-size': size, 'max-file': count } = options
  const maxFiles = count === undefined ? undefined : Number(count)
  if (maxFiles !== undefined && !(Number.isSafeInteger(maxFiles) && maxFiles > 0))
    refuse('max-file', 'is no number of files')
  return {
    ...(size !== undefined && { maxSize: sizeOf(size, refuse) }),
    ...(maxFiles !== undefined && { maxFiles }),
  }
}

// -1: without a limit, which here is the engine's own.
function sizeOf(text: string, refuse: (key: string, problem: string) => never): number | undefined {
  try {
    const bytes = composeBytes(text)
    return bytes > 0 ? bytes : undefined
  } catch (cause) {
    return refuse('max-size', (cause as Error).message)
  }
}
