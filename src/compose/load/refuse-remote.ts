// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { type Path, pathText } from '../document/path.js'
import { positionAt } from '../document/position.js'
import type { Tree } from '../document/tree.js'

/** What is elsewhere, and where it is named. */
export interface RemoteResource {
  readonly root: Tree
  readonly path: Path
  readonly resource: string
}

/** Throws ERR_UNSUPPORTED: compose files are not fetched from elsewhere, since they say what is run and mounted. */
export function refuseRemote({ root, path, resource }: RemoteResource): never {
  const at = positionAt(root, path)
  const place = at ? `${at.file}:${at.line}:${at.column}: ` : ''
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${place}${pathText(path)}: compose files are not fetched from elsewhere: ${resource}`,
    hint: 'download it, look at it, and name the file here',
    object: resource,
    option: pathText(path),
  })
}
