// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { isList, isMap, type Tree } from '../document/tree.js'
import type { Warnings } from '../document/warning.js'
import { castText } from './cast-text.js'
import { type Interpolation, interpolate, TemplateError } from './interpolate.js'

/** What a document's templates are filled in with. */
export interface TreeInterpolation extends Interpolation {
  readonly warnings: Warnings
}

/** Fills in the templates of all values of the document, in place; keys stay. Texts where compose wants numbers or truth become such. */
export function interpolateTree(root: Tree, interpolation: TreeInterpolation): Tree {
  const value = (text: string, path: Path): Tree => {
    const onUnset = (name: string) =>
      interpolation.warnings.add('unset-variable', `the variable '${name}' is not set; it is taken as empty`, {
        path,
        root,
      })
    try {
      return castText(interpolate(text, { ...interpolation, onUnset }), path)
    } catch (cause) {
      if (!(cause instanceof TemplateError)) throw cause
      throw composeInvalid({ root, path, problem: cause.message, hint: hintFor(cause.message), cause })
    }
  }
  const walk = (tree: Tree, path: Path): Tree => {
    if (typeof tree === 'string') return value(tree, path)
    if (isList(tree)) for (const [index, item] of tree.entries()) tree[index] = walk(item, [...path, index])
    else if (isMap(tree)) for (const key of Object.keys(tree)) tree[key] = walk(tree[key] as Tree, [...path, key])
    return tree
  }
  return walk(root, [])
}

function hintFor(message: string): string | undefined {
  if (message.startsWith('Invalid template')) return 'write $$ for a dollar that is meant as one'
  if (message.startsWith('required variable'))
    return "set it in the environment, or in the file .env of the project's directory"
  return undefined
}
