// SPDX-License-Identifier: Apache-2.0
import type { ArgInstruction, EnvInstruction } from '../dockerfile/instruction.js'
import { expandPair } from './apply-config.js'
import type { ApplyContext } from './apply-context.js'

/** `ENV`: in the image, and for what follows. */
export function applyEnv(context: ApplyContext<EnvInstruction>): void {
  const variables = context.instruction.pairs.map((pair) => expandPair(context, pair))
  for (const [name, value] of variables) {
    warnOfSecret(context, name)
    context.stage.image.env.set(name, value)
    context.setVariable(name, value)
  }
  context.commit(`ENV ${variables.map(([name, value]) => `${name}=${value}`).join(' ')}`)
}

/** `ARG`: for what follows. What was given to the build goes before the default here, and that before the one of all stages. */
export function applyArg(context: ApplyContext<ArgInstruction>): void {
  const { stage, build } = context
  const declared = context.instruction.args.map(({ name, value: initial }) => {
    warnOfSecret(context, name)
    // Unlike anywhere else, what stands later in the line sees what stands before.
    const value = build.given.get(name) ?? (initial ? context.expandNow(initial) : build.globals.get(name))
    stage.args.push({ name, value })
    if (value !== undefined && !isForScanners(name)) context.setVariable(name, value)
    return { name, value }
  })
  context.commit(
    `ARG ${declared.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join(' ')}`,
  )
}

// They speak to whoever makes a bill of materials, and to no command.
function isForScanners(name: string): boolean {
  return name === 'BUILDKIT_SBOM_SCAN_CONTEXT' || name === 'BUILDKIT_SBOM_SCAN_STAGE'
}

const secret = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i
const harmless = /(?:_|^)(?:public|file|version)(?:_|$)/i

function warnOfSecret({ instruction, build }: ApplyContext, name: string): void {
  if (!secret.test(name) || harmless.test(name)) return
  const problem = `'${name}' stays readable in the image: give secrets with RUN --mount=type=secret`
  build.linter.report('SecretsUsedInArgOrEnv', instruction, problem)
}
