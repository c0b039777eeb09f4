// SPDX-License-Identifier: Apache-2.0
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerOptions } from 'tscontainer'
import type { Translation } from './translation.js'

type Mappings = NonNullable<ContainerOptions['devices']>

const greatestDepth = 4

/** The devices of a service; of a directory such as /dev/dri all that are in it, as Docker does it. */
export async function deviceMappings({ model, reporter }: Translation): Promise<Mappings> {
  const found: Mappings[number][] = []
  for (const [index, device] of (model.devices ?? []).entries()) {
    const { source, target = source, permissions = 'rwm' } = device
    if (!source.startsWith('/')) {
      reporter.report(['devices', index], `no vendor of CDI devices is known here, '${source}' is none of /dev`)
      continue
    }
    const places = await devicesBelow(source, target, greatestDepth)
    const rights = permissions === '' || [...'rwm'].every((right) => permissions.includes(right)) ? {} : { permissions }
    found.push(...places.map((place) => ({ ...place, ...rights })))
  }
  return found
}

interface Place {
  readonly source: string
  readonly target: string
}

// What is no directory is looked up by the engine, which says what is wrong with it.
async function devicesBelow(source: string, target: string, depth: number): Promise<readonly Place[]> {
  const entries = await readdir(source, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return [{ source, target }]
  const places: Place[] = []
  for (const entry of entries) {
    const inside = { source: join(source, entry.name), target: join(target, entry.name) }
    if (isDevice(entry)) places.push(inside)
    else if (entry.isDirectory() && depth > 0)
      places.push(...(await devicesBelow(inside.source, inside.target, depth - 1)))
  }
  return places
}

const isDevice = (entry: Dirent): boolean => entry.isCharacterDevice() || entry.isBlockDevice()
