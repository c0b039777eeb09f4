// SPDX-License-Identifier: Apache-2.0

import { dirname } from 'node:path'
import { quoted } from '../../errors/printable.js'
import { canonical } from '../canonical/canonical.js'
import { hostPath, isLocalContext, resolvePaths } from '../canonical/resolve-paths.js'
import { composeInvalid } from '../document/compose-error.js'
import type { TaggedPath } from '../document/document-reader.js'
import { cloneTree } from '../document/position.js'
import { isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'
import { interpolateTree } from '../environment/interpolate-tree.js'
import { applyTags } from '../merge/apply-tags.js'
import { mergeTrees } from '../merge/merge-trees.js'
import { uniqueEntries } from '../merge/unique-entries.js'
import { interpolationOf, type LoadContext } from './load-context.js'
import { refuseRemote } from './refuse-remote.js'

/** The services of one document, in which bases are looked for. */
interface Scope {
  readonly file: string
  readonly directory: string
  readonly root: TreeMap
  readonly services: TreeMap
  readonly tagged: readonly TaggedPath[]
  readonly done: Map<string, Tree>
}

/** A document whose services may extend others. */
export interface ExtendingDocument {
  readonly file: string
  readonly root: TreeMap
  readonly tagged: readonly TaggedPath[]
}

/** Puts below each service with `extends` what it extends, from this file or another, in place. Rejects with ERR_COMPOSE_INVALID, naming cycles. */
export async function applyExtends({ file, root, tagged }: ExtendingDocument, context: LoadContext): Promise<void> {
  const { services } = root
  if (!isMap(services)) return
  const extender = new Extender(context)
  const scope: Scope = { file, directory: context.directory, root, services, tagged, done: new Map() }
  for (const name of Object.keys(services)) services[name] = await extender.extended(scope, name, [])
}

class Extender {
  readonly #context: LoadContext
  readonly #scopes = new Map<string, Promise<Scope>>()

  constructor(context: LoadContext) {
    this.#context = context
  }

  async extended(scope: Scope, name: string, chain: readonly string[]): Promise<Tree> {
    const known = scope.done.get(name)
    if (known !== undefined) return known
    const service = scope.services[name] as Tree
    if (!isMap(service) || service.extends === undefined) return service
    const link = `${name} in ${scope.file}`
    const path = ['services', name, 'extends']
    if (chain.includes(link)) {
      const text = [...chain.slice(chain.indexOf(link)), link].join('\n  extends ')
      throw composeInvalid({ root: scope.root, path, problem: `Circular reference:\n  ${text}` })
    }
    const base = await this.#base(scope, name, service.extends, [...chain, link])
    const merged = isMap(base) ? this.#merged(scope, name, cloneTree(base), cloneTree(service)) : service
    delete merged.extends
    scope.done.set(name, merged)
    return merged
  }

  #merged(scope: Scope, name: string, base: TreeMap, service: TreeMap): TreeMap {
    applyTags(makeMap([['services', makeMap([[name, base]])]]), scope.tagged)
    const byIndex = scope.tagged.filter(({ tag }) => tag === 'merge').map(({ path }) => path)
    return mergeTrees(base, service, { byIndex, path: ['services', name] })
  }

  async #base(scope: Scope, name: string, extended: Tree, chain: readonly string[]): Promise<Tree> {
    const path = ['services', name, 'extends']
    const reference = isMap(extended) ? extended.service : extended
    const file = isMap(extended) ? extended.file : undefined
    if (typeof reference !== 'string')
      throw composeInvalid({ root: scope.root, path, problem: 'the name of a service is required' })
    if (file !== undefined && file !== null && typeof file !== 'string')
      throw composeInvalid({ root: scope.root, path: [...path, 'file'], problem: 'must be a string' })
    const target = typeof file === 'string' ? await this.#open(scope, [...path, 'file'], file) : scope
    if (!(reference in target.services)) {
      const problem = `cannot extend service ${quoted(name)}: service ${quoted(reference)} not found in ${target.file}`
      throw composeInvalid({
        root: scope.root,
        path,
        problem,
        hint: `there are: ${Object.keys(target.services).join(', ') || 'none'}`,
      })
    }
    return this.extended(target, reference, chain)
  }

  #open(scope: Scope, path: readonly string[], file: string): Promise<Scope> {
    if (!isLocalContext(file)) refuseRemote({ root: scope.root, path, resource: file })
    const absolute = hostPath(file, scope.directory)
    let opened = this.#scopes.get(absolute)
    if (opened === undefined) {
      opened = this.#load(absolute)
      this.#scopes.set(absolute, opened)
    }
    return opened
  }

  // In canonical form with absolute paths: relative ones are relative to the file they stand in.
  async #load(file: string): Promise<Scope> {
    const { session } = this.#context
    const directory = dirname(file)
    let root = makeMap()
    const tagged: TaggedPath[] = []
    for (const document of await session.parse(file)) {
      const tree = interpolateTree(cloneTree(document.tree), interpolationOf(this.#context))
      if (!isMap(tree)) throw composeInvalid({ file, problem: 'top-level object must be a mapping' })
      applyTags(root, document.tagged)
      tagged.push(...document.tagged)
      root = canonical(uniqueEntries(mergeTrees(root, tree)), session.warnings)
    }
    resolvePaths(root, directory)
    if (!isMap(root.services)) throw composeInvalid({ file, problem: 'has no services, but one of them is extended' })
    return { file, directory, root, services: root.services, tagged, done: new Map() }
  }
}
