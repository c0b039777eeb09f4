// SPDX-License-Identifier: Apache-2.0
import { parseDockerfile } from '../../../../src/build/dockerfile/parse-dockerfile.js'
import { type BuildGraph, buildGraph } from '../../../../src/build/graph/build-graph.js'
import type { GraphOptions } from '../../../../src/build/graph/graph-options.js'
import { verticesOf } from '../../../../src/build/graph/used-paths.js'
import type { Vertex } from '../../../../src/build/graph/vertex.js'
import { EngineError } from '../../../../src/errors/engine-error.js'
import { digestOf } from '../../../../src/oci/digest.js'
import type { ImageConfig, ImageDocument } from '../../../../src/oci/image-config.js'

/** Images by their familiar names, with their configs. */
export type Images = Readonly<Record<string, ImageConfig>>

/** The graph of a Dockerfile over images that are only configs. */
export async function graphOf(
  content: string,
  options: Partial<GraphOptions> = {},
  images: Images = { alpine: {}, debian: {} },
): Promise<BuildGraph> {
  return await buildGraph(parseDockerfile(content), {
    buildPlatform: { os: 'linux', architecture: 'amd64' },
    resolveImage: async (reference, platform) => {
      const name = /^docker\.io\/library\/(.*):latest$/.exec(reference)?.[1] ?? reference
      const config = images[name]
      if (!config) throw new EngineError({ code: 'ERR_IMAGE_NOT_FOUND', message: `no image ${name}` })
      const document: ImageDocument = {
        platform,
        config,
        diffIds: [digestOf(name)],
        history: [{ createdBy: `made ${name}` }],
      }
      return { reference: `${reference}@${digestOf(name)}`, document }
    },
    ...options,
  })
}

/** The error of a Dockerfile that has no graph. */
export async function refusalOf(
  content: string,
  options?: Partial<GraphOptions>,
  images?: Images,
): Promise<EngineError> {
  try {
    await graphOf(content, options, images)
  } catch (error) {
    if (EngineError.is(error)) return error
    throw error
  }
  throw new Error('not refused')
}

/** The steps of a kind, first things first. */
export function steps<K extends Vertex['kind']>(root: Vertex, kind: K): readonly Extract<Vertex, { kind: K }>[] {
  return [...verticesOf(root)]
    .reverse()
    .filter((vertex): vertex is Extract<Vertex, { kind: K }> => vertex.kind === kind)
}

/** The only step of a kind. */
export function step<K extends Vertex['kind']>(root: Vertex, kind: K): Extract<Vertex, { kind: K }> {
  const [only, ...others] = steps(root, kind)
  if (!only || others.length > 0) throw new Error(`${others.length + (only ? 1 : 0)} steps of ${kind}`)
  return only
}

/** What the history says was done here. */
export function deeds({ history }: BuildGraph): readonly string[] {
  return history.map(({ createdBy }) => createdBy ?? '').filter((deed) => !deed.startsWith('made '))
}
