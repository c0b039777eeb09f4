// SPDX-License-Identifier: Apache-2.0
import { quoteGo } from './quote-go.js'
import type { TreeNode } from './tree-node.js'

/** The instructions as s-expressions, one a line: `(copy ["--link"] "a" "/b")`. */
export function dumpTree(nodes: readonly TreeNode[]): string {
  return nodes.map((node) => `(${dumpNode(node)})`).join('\n')
}

function dumpNode({ keyword, flags, args, child }: TreeNode): string {
  const parts = [keyword.toLowerCase()]
  if (flags.length > 0) parts.push(`[${flags.map(({ text }) => quoteGo(text)).join(' ')}]`)
  if (child) parts.push(`(${dumpNode(child)})`)
  return [...parts, ...args.map(({ text }) => quoteGo(text))].join(' ')
}
