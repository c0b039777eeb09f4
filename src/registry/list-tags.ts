// SPDX-License-Identifier: Apache-2.0
import { headerOf, readBody } from './answer.js'
import type { Endpoint } from './endpoint.js'
import { targetOf } from './follow.js'
import { nextLink } from './link-header.js'
import { scopeOf } from './manifests.js'
import { protocolFailure } from './registry-failure.js'
import { isTag, type RepositoryRef } from './registry-host.js'
import { readJson } from './registry-json.js'

const pageLimit = 8 * 1024 * 1024
const pageTags = 1000
const maxPages = 10_000

/** The tags of a repository in the registry's order, page by page as they are wanted. */
export async function* listTags(
  endpoint: Endpoint,
  ref: RepositoryRef,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  let path: string | URL | null = `v2/${ref.repository}/tags/list`
  const seen = new Set<string>()
  for (let pages = 0; path !== null; pages++) {
    if (pages >= maxPages) throw protocolFailure(endpoint.name, 'the list of tags does not end')
    const answer = await endpoint.call({
      method: 'GET',
      path,
      query: typeof path === 'string' ? { n: String(pageTags) } : {},
      scopes: [scopeOf(ref, 'pull')],
      expect: [200],
      subject: { kind: 'repository', name: `${ref.host}/${ref.repository}` },
      signal,
    })
    const next = nextPage(endpoint, headerOf(answer, 'link'), answer.url)
    const body = await readBody(answer, pageLimit)
    yield* readJson(body, { host: endpoint.name, what: 'list of tags', maxBytes: pageLimit }, (fields) => {
      const tags = fields.strings('tags', 1_000_000) ?? []
      const wrong = tags.find((tag) => !isTag(tag))
      if (wrong !== undefined) throw protocolFailure(endpoint.name, 'the list of tags has a tag that is none')
      return tags
    })
    if (next !== null && seen.has(next.href)) throw protocolFailure(endpoint.name, 'the list of tags goes in circles')
    if (next !== null) seen.add(next.href)
    path = next
  }
}

/** Where a list goes on: only where it began, since our credentials go along. */
export function nextPage(endpoint: Endpoint, link: string | undefined, base: URL): URL | null {
  const target = nextLink(link)
  if (target === null) return null
  const url = targetOf(target, base)
  if (url.origin !== base.origin) throw protocolFailure(endpoint.name, `a list goes on elsewhere, at ${url.host}`)
  return url
}
