// SPDX-License-Identifier: Apache-2.0
import { cleanPath } from '../ignore/clean-path.js'

/** The path as an absolute one below a root that nothing leaves. */
export function rootPath(path: string): string {
  return cleanPath(`/${path}`)
}

/** The path seen from a working directory; whether it has to be a directory (`a/`, `a/.`, `.`) is kept as a slash at its end. */
export function destinationPath(workingDir: string, path: string): string {
  const absolute = path.startsWith('/') ? rootPath(path) : rootPath(`${workingDir}/${path}`)
  const isDirectory = path === '' || /(?:^|\/)\.?$/.test(path)
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute
}
