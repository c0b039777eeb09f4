// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debianTar, toolchainTar } from '../../support/debian.js'
import { makeAuthority } from '../../support/registry/certificates.js'
import { apacheArchive } from '../projects/apache-archive.js'
import { serveArchive } from '../projects/archive-proxy.js'
import { type Project, projectContext, projectGolden, projects } from '../projects/projects.js'
import { readDescription } from '../read-image.js'
import { ensureDockerTree } from './docker-tree.js'
import { type Docker, startDocker } from './start-docker.js'

// Builds test/fixtures/build/projects by a real Docker, and runs what comes of them: shows that the fixtures are sound, and records what the images say of themselves.

const host = 'archive.apache.org'

const must = async (docker: Docker, ...args: readonly string[]): Promise<string> => {
  const { status, output } = await docker.run(...args)
  if (status !== 0) throw new Error(`docker ${args[0]}: ${output}`)
  return output
}

const buildProject = async (docker: Docker, directory: string, project: Project, proxy: string): Promise<void> => {
  const context = join(directory, project.name)
  cpSync(projectContext(project), context, { recursive: true })
  if (project.name === 'centos') copyFileSync(join(directory, 'authority/ca.crt'), join(context, 'ca.crt'))
  const more = Object.entries(project.contexts?.() ?? {}).flatMap(([name, path]) => {
    const copy = join(directory, `more-${name}`)
    mkdirSync(copy)
    execFileSync('cp', ['-aL', statSync(path).isDirectory() ? `${path}/.` : path, copy])
    return ['--build-context', `${name}=${docker.inside(copy)}`]
  })
  const args = project.name === 'apache' ? ['--build-arg', `https_proxy=${proxy}`] : []
  const flags = ['--progress=plain', '--provenance=false', '--network=host']
  const build = (...output: readonly string[]) =>
    must(docker, 'build', ...flags, ...output, ...more, ...args, docker.inside(context))
  await build('--load', '-t', project.tag)
  const printed = project.prints && (await must(docker, 'run', '--rm', '--network=none', project.tag))
  if (printed !== project.prints) throw new Error(`${project.name} prints ${JSON.stringify(printed)}`)
  const layout = join(directory, `image-${project.name}`)
  await build('--output', `type=oci,dest=${docker.inside(layout)},tar=false`)
  writeFileSync(projectGolden(project), `${JSON.stringify(readDescription(layout), null, 2)}\n`)
  console.log(`recorded ${project.name}`)
}

const main = async (directory: string, names: readonly string[]): Promise<void> => {
  const authority = await makeAuthority(join(directory, 'authority'))
  const proxy = await serveArchive(host, apacheArchive(), await authority.issue(host))
  const docker = await startDocker(ensureDockerTree(), directory)
  try {
    for (const [name, tar] of [
      ['debian', debianTar()],
      ['toolchain', toolchainTar()],
    ] as const) {
      const copy = join(directory, `${name}.tar`)
      copyFileSync(tar, copy)
      await must(docker, 'import', docker.inside(copy), `tsc-test/${name}:1`)
    }
    const chosen = projects.filter(({ name }) => names.length === 0 || names.includes(name))
    for (const project of chosen) await buildProject(docker, directory, project, proxy.url)
  } finally {
    await docker.stop()
    await proxy.close()
  }
}

const [directory = '', ...names] = process.argv.slice(2)
await main(directory, names)
