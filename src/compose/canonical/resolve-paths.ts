// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os'
import { join, normalize, resolve } from 'node:path'
import { isList, isMap, type Tree, type TreeMap } from '../document/tree.js'

/** Makes the paths of the host in a canonical document absolute, in place: relative ones are below `directory`. */
export function resolvePaths(root: TreeMap, directory: string): void {
  const change = (
    holder: Tree | undefined,
    key: string | number,
    isPath: (text: string) => boolean = () => true,
  ): void => {
    const value = (holder as Record<string | number, Tree> | null | undefined)?.[key]
    if (typeof value === 'string' && value !== '' && isPath(value))
      (holder as Record<string | number, Tree>)[key] = hostPath(value, directory)
  }
  for (const service of maps(root.services)) {
    const { build, extends: base, label_file: labelFiles, credential_spec: spec, develop } = service
    change(build, 'context', isLocalContext)
    const contexts = isMap(build) ? build.additional_contexts : undefined
    for (const name of Object.keys(isMap(contexts) ? contexts : {})) change(contexts, name, isLocalContext)
    for (const key of maps(isMap(build) ? build.ssh : undefined)) change(key, 'path')
    for (const file of maps(service.env_file)) change(file, 'path')
    for (const index of isList(labelFiles) ? labelFiles.keys() : []) change(labelFiles, index)
    for (const watch of maps(isMap(develop) ? develop.watch : undefined)) change(watch, 'path')
    for (const volume of maps(service.volumes)) if (volume.type === 'bind') change(volume, 'source', isPosixPath)
    change(base, 'file', isLocalContext)
    change(spec, 'file')
  }
  for (const volume of maps(root.volumes)) resolveDevice(volume, directory)
  for (const content of [...maps(root.configs), ...maps(root.secrets)]) change(content, 'file')
}

/** An absolute path: `~` is the home directory. */
export function hostPath(path: string, directory: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  return normalize(resolve(directory, path)).replace(/(.)\/$/, '$1')
}

/** Whether a build context, an included file or such is on this machine rather than behind a URL. */
export const isLocalContext = (context: string): boolean =>
  !/^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|(?:service|target|docker-image|oci-layout|oci):)/i.test(context)

const isPosixPath = (path: string): boolean => !/^(?:\\\\|[a-zA-Z]:[\\/])/.test(path)

// A volume of the local driver that is a directory of the host.
function resolveDevice(volume: TreeMap, directory: string): void {
  const { driver, driver_opts: options } = volume
  if ((driver !== undefined && driver !== 'local') || !isMap(options) || typeof options.device !== 'string') return
  const isBind =
    typeof options.o === 'string' && options.o.split(',').some((option) => option === 'bind' || option === 'rbind')
  if (isBind && options.device !== '') options.device = hostPath(options.device, directory)
}

function maps(value: Tree | undefined): readonly TreeMap[] {
  return (isList(value) ? value : isMap(value) ? Object.values(value) : []).filter(isMap)
}
