// SPDX-License-Identifier: Apache-2.0
import type { Vertex } from '../graph/vertex.js'
import { type GraphWorks, needsOf } from '../solver/graph-works.js'
import { inOrder } from '../solver/in-order.js'
import type { BuildStep, StepOf } from './build-progress.js'

const maxNameLength = 200

/** The steps of a graph as they are shown, by the works that do them. */
export function stepsOf(root: Vertex, works: GraphWorks): StepOf {
  const shown = inOrder([root], needsOf).filter(isShown)
  const places = numbered(shown)
  const steps = new Map<Parameters<StepOf['get']>[0], BuildStep>()
  for (const vertex of shown) {
    const work = works.of(vertex)
    if (steps.has(work)) continue
    const needs = needsOf(vertex).flatMap((need) => steps.get(works.of(need))?.id ?? [])
    const stage = vertex.origin?.stage ?? null
    const place = places.get(vertex)
    const text = (vertex.origin?.text ?? vertex.kind).slice(0, maxNameLength)
    steps.set(work, {
      id: steps.size + 1,
      name: place ? `[${stage} ${place.at}/${place.of}] ${text}` : text,
      stage,
      line: vertex.origin?.range.start.line ?? null,
      needs: [...new Set(needs)],
    })
  }
  return steps
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
