// SPDX-License-Identifier: Apache-2.0
import { formatPlatform, type Platform } from '../../oci/platform.js'
import type { Vertex } from '../graph/vertex.js'
import { type GraphWorks, needsOf } from '../solver/graph-works.js'
import { inOrder } from '../solver/in-order.js'
import type { Work } from '../solver/work.js'
import type { BuildStep, StepOf } from './build-progress.js'

const maxNameLength = 200

/** A graph of several that are one build, and what it is for. */
export interface ShownGraph {
  readonly root: Vertex
  readonly platform: Platform
}

/** The steps of graphs as they are shown, by the works that do them; those of one platform among several are named after it. */
export function stepsOf(graphs: readonly ShownGraph[], works: GraphWorks): StepOf {
  const steps = new Map<Work, BuildStep>()
  const all = graphs.map(({ root, platform }) => ({ platform, shown: inOrder([root], needsOf).filter(isShown) }))
  const isShared = sharedAmong(all.map(({ shown }) => new Set(shown.map((vertex) => works.of(vertex)))))
  for (const { platform, shown } of all) {
    const places = numbered(shown)
    for (const vertex of shown) {
      const work = works.of(vertex)
      if (steps.has(work)) continue
      const needs = needsOf(vertex).flatMap((need) => steps.get(works.of(need))?.id ?? [])
      const stage = vertex.origin?.stage ?? null
      const place = places.get(vertex)
      const text = (vertex.origin?.text ?? vertex.kind).slice(0, maxNameLength)
      const label = isShared(work) ? '' : `${formatPlatform(platform)} `
      steps.set(work, {
        id: steps.size + 1,
        name: place ? `[${label}${stage} ${place.at}/${place.of}] ${text}` : text,
        stage,
        line: vertex.origin?.range.start.line ?? null,
        needs: [...new Set(needs)],
      })
    }
  }
  return steps
}

// Of one graph nothing needs to be told apart.
function sharedAmong(graphs: readonly ReadonlySet<Work>[]): (work: Work) => boolean {
  return (work) => graphs.length === 1 || graphs.filter((graph) => graph.has(work)).length > 1
}

// Files are opened on the way.
function isShown({ kind }: Vertex): boolean {
  return kind === 'image' || kind === 'mkdir' || kind === 'copy' || kind === 'run'
}

function numbered(vertices: readonly Vertex[]): ReadonlyMap<Vertex, { readonly at: number; readonly of: number }> {
  const stages = new Map<string, Vertex[]>()
  for (const vertex of vertices) {
    if (!vertex.origin) continue
    const { stage } = vertex.origin
    stages.set(stage, [...(stages.get(stage) ?? []), vertex])
  }
  const all = [...stages.values()]
  return new Map(all.flatMap((stage) => stage.map((vertex, index) => [vertex, { at: index + 1, of: stage.length }])))
}
