// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const filesBelow = (folder: string, pattern: RegExp): readonly string[] => {
  let names: readonly string[]
  try {
    names = readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
  return names.filter((name) => pattern.test(name)).map((name) => join(folder, name))
}

const read = (file: string): string => readFileSync(join(top, file), 'utf8')
const firstFolder = (path: string): string => path.split('/')[0] ?? path

/** One import of a TypeScript file below src. */
export interface SourceImport {
  readonly file: string
  readonly specifier: string
  /** The folder of src the file lies in; the file's own name where it lies in src itself. */
  readonly from: string
  /** Likewise, of what is imported. */
  readonly to: string
  readonly loadsAddon: boolean
}

const importPattern = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"](\.{1,2}\/[^'"]+)['"]/g

/** Every relative import in src, also `import type` and `import()`. */
export const sourceImports = (): readonly SourceImport[] =>
  filesBelow('src', /\.ts$/).flatMap((file) => {
    const text = read(file)
    const from = firstFolder(relative('src', file))
    const loadsAddon = /\.node['"`]|process\.dlopen/.test(text)
    const own = { file, specifier: '', from, to: from, loadsAddon }
    const imports = [...text.matchAll(importPattern)].map(([, specifier = '']) => ({
      ...own,
      specifier,
      to: firstFolder(relative('src', join(dirname(file), specifier.replace(/\.js$/, '.ts')))),
    }))
    return [own, ...imports]
  })

/** One #include of a file below addon. */
export interface AddonInclude {
  readonly file: string
  readonly header: string
  readonly quoted: boolean
  readonly from: string
  /** The folder of addon the header lies in; undefined where it is none of ours. */
  readonly to: string | undefined
}

/** Every C++ file below addon. */
export const addonSources = (): readonly string[] => filesBelow('addon', /\.(cc|h)$/)

export const addonIncludes = (): readonly AddonInclude[] => {
  const folders = new Set(addonSources().map((file) => firstFolder(relative('addon', file))))
  return addonSources().flatMap((file) =>
    [...read(file).matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm)].map(([, bracket, header = '']) => {
      const folder = firstFolder(header)
      const to = header.includes('/') && folders.has(folder) ? folder : undefined
      return { file, header, quoted: bracket === '"', from: firstFolder(relative('addon', file)), to }
    }),
  )
}

const sources = (): readonly string[] => [
  ...addonSources(),
  ...['src', 'test', 'examples', 'bench', 'scripts'].flatMap((folder) => filesBelow(folder, /\.(ts|mjs)$/)),
  ...filesBelow('bench', /\.(cc|h)$/),
]

const count = (file: string): number => read(file).split('\n').length - 1

/** Source files with more than `limit` lines, as `path: lines`. */
export const longFiles = (limit: number): readonly string[] =>
  sources()
    .filter((file) => count(file) > limit)
    .map((file) => `${file}: ${count(file)}`)

export const filesWithoutLicence = (): readonly string[] =>
  sources().filter((file) => !read(file).slice(0, 200).includes('SPDX-License-Identifier: Apache-2.0'))
