// SPDX-License-Identifier: Apache-2.0
import { canonical } from '../canonical/canonical.js'
import { setDefaults } from '../canonical/defaults.js'
import { resolvePaths } from '../canonical/resolve-paths.js'
import { checkValues } from '../check/check-values.js'
import { composeInvalid } from '../document/compose-error.js'
import type { ParsedDocument } from '../document/document-reader.js'
import { cloneTree } from '../document/position.js'
import { isMap, makeMap, type TreeMap } from '../document/tree.js'
import { interpolateTree } from '../environment/interpolate-tree.js'
import { resolveEnvironment } from '../environment/resolve-environment.js'
import { applyTags } from '../merge/apply-tags.js'
import { mergeTrees } from '../merge/merge-trees.js'
import { uniqueEntries } from '../merge/unique-entries.js'
import { checkSchema } from '../schema/check-schema.js'
import { applyExtends } from './apply-extends.js'
import { applyInclude } from './apply-include.js'
import { interpolationOf, type LoadContext } from './load-context.js'

/** Documents that are merged, in this order. */
export interface LoadedFile {
  readonly file: string
  readonly documents: readonly ParsedDocument[]
}

/** One model of several files: merged, valid, in canonical form, with absolute paths. */
export async function loadFiles(files: readonly string[], context: LoadContext): Promise<TreeMap> {
  const loaded: LoadedFile[] = []
  for (const file of files) loaded.push({ file, documents: await context.session.parse(file) })
  return loadDocuments(loaded, context)
}

/** The same of files that are parsed. */
export async function loadDocuments(files: readonly LoadedFile[], context: LoadContext): Promise<TreeMap> {
  let model = makeMap()
  for (const { file, documents } of files) {
    for (const document of documents) model = await withDocument(model, { file, document }, context)
  }
  if (Object.keys(model).length === 0) throw composeInvalid({ file: files[0]?.file, problem: 'empty compose file' })
  setDefaults(model)
  checkValues(model)
  resolvePaths(model, context.directory)
  resolveEnvironment(model, context.environment)
  return model
}

interface FileDocument {
  readonly file: string
  readonly document: ParsedDocument
}

async function withDocument(model: TreeMap, { file, document }: FileDocument, context: LoadContext): Promise<TreeMap> {
  const { warnings, signal } = context.session
  signal?.throwIfAborted()
  const { tagged } = document
  const root = cloneTree(document.tree)
  if (root === null) return model
  if (!isMap(root)) throw composeInvalid({ file, problem: 'top-level object must be a mapping' })
  dropVersion(root, file, context)
  interpolateTree(root, interpolationOf(context))
  await applyExtends({ file, root, tagged }, context)
  applyTags(model, tagged)
  await applyInclude({ file, root }, context, loadFiles)
  const byIndex = tagged.filter(({ tag }) => tag === 'merge').map(({ path }) => path)
  const merged = uniqueEntries(mergeTrees(model, root, { byIndex }))
  checkSchema(merged, file)
  // Ranges of ports become single ones, which others may define too.
  return uniqueEntries(canonical(merged, warnings))
}

function dropVersion(root: TreeMap, file: string, { session }: LoadContext): void {
  if (!('version' in root)) return
  session.warnings.add('obsolete', `${file}: the attribute \`version\` is obsolete and ignored; remove it`, {
    root,
    path: ['version'],
  })
  delete root.version
}
