// SPDX-License-Identifier: Apache-2.0
// The licences of what others wrote and the package carries, as they ask for it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'
import { compiledModules, takenData } from './taken.mjs'

const introduction = `tscontainer is under the Apache licence, version 2.0 (LICENSE). It carries what follows, each under its own licence.

The programs in prebuilds/ have libraries of Debian linked into them, two of which, the GNU C library and libseccomp, are under the
LGPL: the whole source of the programs is in addon/, and with npm_config_build_from_source=true scripts/install.mjs links them anew with
the libraries of the machine it runs on. The sources of the libraries as linked are Debian's source packages of these names and
versions, kept for good at https://snapshot.debian.org/.
`

const line = '='.repeat(100)
const section = (title, text) => `${line}\n${title}\n${line}\n\n${text.trim()}\n`

const moduleSection = (name) => {
  const folder = join(top, 'node_modules', name)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return section(`${name} ${version} (npm)`, readFileSync(join(folder, file), 'utf8'))
}

const newestText = (contents) => {
  const libraries = new Map()
  for (const library of contents.flatMap((one) => one.libraries)) {
    const { versions = new Set() } = libraries.get(library.name) ?? {}
    libraries.set(library.name, { ...library, versions: versions.add(library.version) })
  }
  return [...libraries.values()]
}

const librarySection = ({ name, versions, licence, copyright }) =>
  section(`${name} ${[...versions].join(', ')} (Debian): ${licence}`, copyright)

const dataSection = () => {
  const rows = takenData().map(({ name, version }) => `https://github.com/${name}, commit ${version}`)
  return section('Data under the Apache licence, version 2.0', rows.join('\n'))
}

// What the texts above refer to by a path of Debian's.
const commonLicences = ['LGPL-2.1', 'GPL-3']
const commonSection = (name) => section(name, readFileSync(join('/usr/share/common-licenses', name), 'utf8'))

/** The text, for the prebuilds of which `contents` are the contents.json. */
export const thirdPartyLicences = (contents) =>
  [
    introduction,
    dataSection(),
    ...compiledModules.map(moduleSection),
    ...newestText(contents).map(librarySection),
    ...commonLicences.map(commonSection),
  ].join('\n')
