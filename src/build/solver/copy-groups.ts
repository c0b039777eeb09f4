// SPDX-License-Identifier: Apache-2.0
import type { SourceSelection } from '../context/source-selection.js'
import type { CopySource, CopyVertex, Vertex } from '../graph/vertex.js'

/** What a copy takes from one place, in one go. */
export interface CopyGroup {
  readonly from: Vertex
  readonly selection: SourceSelection
  readonly unpack: boolean
}

/** The sources of a copy, those together that come from the same place and are treated alike. */
export function copyGroups({
  sources,
  exclude,
  parents,
}: Pick<CopyVertex, 'sources' | 'exclude' | 'parents'>): readonly CopyGroup[] {
  const groups: (CopyGroup & { readonly paths: string[] })[] = []
  for (const source of sources) {
    const last = groups.at(-1)
    const isAlike = last && last.from.key === source.from.key && last.unpack === source.unpack
    if (isAlike) last.paths.push(patternOf(source))
    else groups.push(groupOf(source, { exclude, parents }))
  }
  return groups.map(({ from, selection, unpack }) => ({ from, selection, unpack }))
}

function groupOf(source: CopySource, { exclude, parents }: Pick<CopyVertex, 'exclude' | 'parents'>) {
  const paths = [patternOf(source)]
  return { from: source.from, unpack: source.unpack, paths, selection: { sources: paths, exclude, parents } }
}

// What is no pattern may have a name that looks like one.
function patternOf({ path, isPattern, include }: CopySource): string {
  if (!isPattern) return path.replace(/[\\*?[\]]/g, '\\$&')
  return include === undefined ? path : `${path === '/' ? '' : path}/./${include}`
}
