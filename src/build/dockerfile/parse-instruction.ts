// SPDX-License-Identifier: Apache-2.0
import { didYouMean } from '../suggest.js'
import type { Instruction } from './instruction.js'
import { InstructionNode } from './instruction-node.js'
import { parseCmd, parseEntrypoint, parseShell } from './parse-command.js'
import { parseArg, parseEnv, parseExpose, parseLabel, parseVolume } from './parse-config.js'
import { parseAdd, parseCopy } from './parse-copy.js'
import { parseFrom } from './parse-from.js'
import { parseHealthcheck } from './parse-healthcheck.js'
import { parseOnBuild } from './parse-on-build.js'
import { parseRun } from './parse-run.js'
import { parseMaintainer, parseStopSignal, parseUser, parseWorkdir } from './parse-word.js'
import type { SourceText } from './source-text.js'
import type { TreeNode } from './tree-node.js'

const parsers: Readonly<Record<string, (node: InstructionNode) => Instruction>> = {
  ADD: parseAdd,
  ARG: parseArg,
  CMD: parseCmd,
  COPY: parseCopy,
  ENTRYPOINT: parseEntrypoint,
  ENV: parseEnv,
  EXPOSE: parseExpose,
  FROM: parseFrom,
  HEALTHCHECK: parseHealthcheck,
  LABEL: parseLabel,
  MAINTAINER: parseMaintainer,
  ONBUILD: parseOnBuild,
  RUN: parseRun,
  SHELL: parseShell,
  STOPSIGNAL: parseStopSignal,
  USER: parseUser,
  VOLUME: parseVolume,
  WORKDIR: parseWorkdir,
}

/** The node as an instruction; ERR_DOCKERFILE at the word that does not fit. */
export function parseInstruction(node: TreeNode, source: SourceText): Instruction {
  const read = new InstructionNode(node, source)
  const parse = Object.hasOwn(parsers, read.name) ? parsers[read.name] : undefined
  if ((node.child ?? node).isMixedJson) {
    throw read.fail(read.args[0] ?? null, 'when using JSON array syntax, arrays must be comprised of strings only')
  }
  if (parse) return parse(read)
  const { keyword } = node
  const inCase = keyword === keyword.toLowerCase() ? (name: string) => name.toLowerCase() : undefined
  throw read.fail(null, `unknown instruction: ${keyword}`, didYouMean(keyword, Object.keys(parsers), inCase))
}
