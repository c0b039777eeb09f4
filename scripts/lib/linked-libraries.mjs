// SPDX-License-Identifier: Apache-2.0
// What is inside the programs besides our sources: the linker's own record says which archives it read, dpkg whose they are.
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { licenceOf } from './licences.mjs'
import { Stop } from './run.mjs'
import { factsFormat, packagesOf, readFacts } from './sysroot.mjs'

// Not an archive, and inside nevertheless.
const headersOnly = ['/usr/include/nlohmann/json.hpp']

// Relative paths are our own archives and objects.
const linkedFiles = (buildDir) =>
  ['tscontainer', 'tscontainer-supervisor'].flatMap((target) =>
    [...readFileSync(join(buildDir, `${target}.map`), 'utf8').matchAll(/^LOAD (\/.*\.[ao])$/gm)].map(
      ([, path]) => path,
    ),
  )

const query = (args) => {
  const { status, stdout, stderr, error } = spawnSync('dpkg-query', args, { encoding: 'utf8' })
  if (error?.code === 'ENOENT')
    throw new Stop('The package is made on Debian: dpkg-query knows what the libraries are.')
  if (status !== 0) throw new Stop(stderr.trim())
  return stdout
}

const ofHost = (files) => {
  if (files.length === 0) return []
  const owners = query(['--search', ...files]).matchAll(/^([^:\s]+(?::\w+)?): \//gm)
  const names = new Set([...owners].map(([, name]) => name))
  const facts = readFacts(query(['--show', `--showformat=${factsFormat}`, ...names]))
  return facts.map((fact) => ({ ...fact, docs: '/usr/share/doc' }))
}

const ofSysroot = (files, sysroot) => {
  const packages = packagesOf(sysroot)
  const owner = (file) => {
    const found = packages.find((one) => one.files.includes(file))
    if (!found) throw new Stop(`${file} of ${sysroot} belongs to no package`)
    return found
  }
  return [...new Set(files.map(owner))].map((fact) => ({ ...fact, docs: join(sysroot, 'usr/share/doc') }))
}

const describe = ({ name, source, version, docs }) => {
  const licence = licenceOf(source)
  if (!licence) throw new Stop(`${source} is linked statically: its licence belongs into scripts/lib/licences.mjs`)
  return { name: source, version, licence, copyright: readFileSync(join(docs, name, 'copyright'), 'utf8') }
}

const byName = (a, b) => (a.name < b.name ? -1 : 1)

/** By source package: `{name, version, licence, copyright}`, the last being Debian's text of it. `sysroot` as the build was given it, if it was. */
export const linkedLibraries = (buildDir, sysroot) => {
  const files = linkedFiles(buildDir).map((path) => normalize(path))
  const below = (path) => sysroot !== undefined && path.startsWith(`${sysroot}/`)
  const inside = [...files.filter(below).map((path) => path.slice(sysroot.length)), ...(sysroot ? headersOnly : [])]
  const outside = [...files.filter((path) => !below(path)), ...(sysroot ? [] : headersOnly)].map((path) =>
    realpathSync(path),
  )
  const packages = [...ofHost(outside), ...(sysroot ? ofSysroot(inside, sysroot) : [])]
  const libraries = new Map(packages.map(describe).map((library) => [library.name, library]))
  return [...libraries.values()].sort(byName)
}
