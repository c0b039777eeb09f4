// SPDX-License-Identifier: Apache-2.0
// The bill of materials in CycloneDX 1.6. `npm sbom` would give the packages of npm alone, leaves out those that a development tool wants
// too, and no two of its runs give the same.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prebuildDir, prebuiltAddonName, supervisorName, top } from './paths.mjs'
import { takenData } from './taken.mjs'

const readJson = (name) => JSON.parse(readFileSync(join(top, name), 'utf8'))

const licensesOf = (licence) => {
  if (licence.startsWith('LicenseRef-')) return [{ license: { name: licence.slice('LicenseRef-'.length) } }]
  return licence.includes(' ') ? [{ expression: licence }] : [{ license: { id: licence } }]
}

const component = ({ type = 'library', name, version, licence, purl, ...more }) => {
  return { type, 'bom-ref': purl, name, version, licenses: licensesOf(licence), purl, ...more }
}

const npmPurl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`

const npmComponent = (name, { version, license, integrity }) => {
  const hashes = [{ alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') }]
  return component({ name, version, licence: license, purl: npmPurl(name, version), hashes })
}

// None of them has dependencies of its own; the test of the package would say so.
const npmComponents = ({ dependencies }) => {
  const { packages } = readJson('package-lock.json')
  const names = Object.keys(dependencies).sort()
  return names.map((name) => npmComponent(name, packages[`node_modules/${name}`]))
}

const nativeComponents = (contents) => {
  const found = new Map()
  for (const { arch, libraries } of contents) {
    for (const { name, version, licence } of libraries) {
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=source`
      const properties = [
        ...(found.get(purl)?.properties ?? []),
        { name: 'tscontainer:linked', value: `linux-${arch}` },
      ]
      found.set(purl, component({ name, version, licence, purl, properties }))
    }
  }
  return [...found.values()]
}

const dataComponents = () => takenData().map((one) => component({ type: 'data', ...one }))

const fileComponents = (contents) =>
  contents.flatMap(({ arch }) =>
    [prebuiltAddonName, supervisorName].map((name) => {
      const path = join(prebuildDir(arch), name)
      const content = createHash('sha256').update(readFileSync(path)).digest('hex')
      const relative = path.slice(top.length + 1)
      return { type: 'file', 'bom-ref': relative, name: relative, hashes: [{ alg: 'SHA-256', content }] }
    }),
  )

// As RFC 9562 has it for UUIDs of one's own making (version 8): the same materials, the same number.
const serialNumber = (value) => {
  const hex = createHash('sha256').update(JSON.stringify(value)).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return `urn:uuid:${parts.join('-')}`
}

/** The document, for the prebuilds of which `contents` are the contents.json; the same whenever and wherever it is made. */
export const sbom = (contents) => {
  const { name, version, license, description, ...rest } = readJson('package.json')
  const self = component({ name, version, licence: license, purl: npmPurl(name, version), description })
  const native = nativeComponents(contents)
  const files = fileComponents(contents)
  const components = [...npmComponents(rest), ...native, ...dataComponents(), ...files]
  const refs = components.map((one) => one['bom-ref'])
  const dependencies = [{ ref: self.purl, dependsOn: refs }, ...refs.map((ref) => ({ ref }))]
  const body = { version: 1, metadata: { lifecycles: [{ phase: 'build' }], component: self }, components, dependencies }
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialNumber(body), ...body }
}
