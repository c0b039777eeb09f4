// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path'
import type { BuildCacheFrom, BuildCacheTo, BuildOptions } from 'tscontainer'
import type { BuildSource } from './build-options.js'

type Fields = Readonly<Record<string, string | undefined>>

/** Where steps are looked for, and where they go to: `type=registry,ref=…`, `type=local,src=…`, `type=inline`, or the name of an image. */
export function buildCaches(source: BuildSource): BuildOptions {
  const { cache_from: from = [], cache_to: to = [] } = source.build
  const cacheFrom = from.flatMap((text, index) => cacheOf(source, ['cache_from', index], text) ?? [])
  const cacheTo = to.flatMap((text, index) => targetOf(source, ['cache_to', index], text) ?? [])
  return { ...(cacheFrom.length > 0 && { cacheFrom }), ...(cacheTo.length > 0 && { cacheTo }) }
}

type Place = readonly [key: string, index: number]

function cacheOf(source: BuildSource, place: Place, text: string): Exclude<BuildCacheFrom, string> | undefined {
  const { type, ref, src, dest } = fieldsOf(text)
  const path = src ?? dest
  if (type === 'local' && path) return { type, path: resolve(source.project.origin.directory, path) }
  if (type === 'registry' && ref) return { type, reference: ref }
  source.reporter.report([...place], `there is no cache of this kind: ${text}`)
  return undefined
}

function targetOf(source: BuildSource, place: Place, text: string): BuildCacheTo | undefined {
  const { type, mode } = fieldsOf(text)
  if (type === 'inline') return { type }
  const cache = cacheOf(source, place, text)
  return cache && (mode === 'max' || mode === 'min' ? { ...cache, mode } : cache)
}

function fieldsOf(text: string): Fields {
  if (!text.includes('=')) return { type: 'registry', ref: text }
  return Object.fromEntries(text.split(',').map((field) => field.split(/=(.*)/s, 2)))
}
