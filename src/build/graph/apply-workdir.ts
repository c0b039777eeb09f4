// SPDX-License-Identifier: Apache-2.0
import type { WorkdirInstruction } from '../dockerfile/instruction.js'
import type { ApplyContext } from './apply-context.js'
import { rootPath } from './root-path.js'
import { makeVertex } from './vertex.js'

/** `WORKDIR`: makes the directory, owned by USER, and everything that follows is relative to it. */
export function applyWorkdir(context: ApplyContext<WorkdirInstruction>): void {
  const { stage, build, instruction } = context
  const path = context.expand(instruction.path)
  if (!stage.hasWorkdir && !path.startsWith('/')) {
    const problem = `what '${path}' is relative to depends on the image below: begin with an absolute WORKDIR`
    build.linter.report('WorkdirRelativePath', instruction, problem)
  }
  stage.hasWorkdir = true
  const absolute = path.startsWith('/') ? rootPath(path) : rootPath(`${stage.image.workingDir}/${path}`)
  // As written, however it is written.
  const shown = path.startsWith('/') ? path : absolute
  stage.image.workingDir = shown
  if (absolute !== '/') {
    const user = stage.image.user || undefined
    const { epoch } = build
    stage.vertex = makeVertex({
      kind: 'mkdir',
      base: stage.vertex,
      path: absolute,
      user,
      epoch,
      origin: context.origin,
    })
  }
  context.commit(`WORKDIR ${shown}`, { isLayer: absolute !== '/' })
}
