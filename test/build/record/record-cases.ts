// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeLayout } from '../../support/layered-layout.js'
import { allCases } from '../all-cases.js'
import { baseImages, baseStacks } from '../base-images.js'
import type { BuildCase } from '../build-case.js'
import type { CaseResult } from '../build-result.js'
import { goldenPath, inputOf, readGolden, writeGolden } from '../golden.js'
import { type Builder, runCase } from '../run-case.js'
import { dockerBuilder } from './docker-builder.js'
import { ensureDockerTree } from './docker-tree.js'
import { type Docker, startDocker } from './start-docker.js'

// Records what Docker's BuildKit makes of the cases of which the name has one of the arguments in it; of all without arguments; with `--stale`
// of those that have no golden, or changed since.
// record-goldens.sh starts it alone in its namespaces, with a working directory as its first argument.

const loadBases = async (docker: Docker, directory: string): Promise<void> => {
  for (const [index, { name, entries, config }] of baseImages().entries()) {
    const layout = join(directory, `base-${index}`)
    const history = [{ created: '1970-01-01T00:00:01Z', created_by: name }]
    await writeLayout(layout, [entries], { name: `docker.io/${name}`, config, history })
    execFileSync('tar', ['-C', layout, '-cf', `${layout}.tar`, '.'])
    const { status, output } = await docker.run('load', '-i', docker.inside(`${layout}.tar`))
    if (status !== 0) throw new Error(output)
  }
}

const wrong = (item: BuildCase, { builds }: CaseResult): string | undefined => {
  const error = builds.find((build) => build.error)?.error
  if (item.fails && !error) return 'does not fail'
  if (!item.fails && error) return `fails: ${error.message}`
  return undefined
}

const bases = baseStacks()

const record = async (builder: Builder, item: BuildCase, directory: string): Promise<boolean> => {
  mkdirSync(directory)
  try {
    const result = await runCase(builder, item, { directory, bases })
    const problem = wrong(item, result)
    if (problem === undefined) writeGolden(item, result)
    if (problem !== undefined) rmSync(goldenPath(item), { force: true })
    console.log(`${problem === undefined ? 'recorded' : 'WRONG   '} ${item.name}${problem ? ` ${problem}` : ''}`)
    return problem === undefined || item.since !== undefined
  } catch (error) {
    console.log(`WRONG    ${item.name}`, error)
    return false
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const isMeant = (item: BuildCase, filter: string): boolean =>
  filter === '--stale' ? readGolden(item)?.input !== inputOf(item) : item.name.includes(filter)

const main = async (directory: string, filters: readonly string[]): Promise<number> => {
  const chosen = allCases.filter((item) => filters.length === 0 || filters.some((filter) => isMeant(item, filter)))
  const docker = await startDocker(ensureDockerTree(), directory)
  try {
    console.log((await docker.run('version', '--format', 'Docker {{.Server.Version}}')).output.trim())
    await loadBases(docker, directory)
    const builder = dockerBuilder(docker)
    let good = 0
    const work = async (items: Iterable<BuildCase>) => {
      for (const item of items) if (await record(builder, item, join(directory, item.name))) good++
    }
    // Sequences share first steps: what one of them does to the cache is not to be seen by another.
    const single = chosen.filter(({ builds }) => builds === undefined).values()
    await Promise.all([1, 2, 3].map(() => work(single)))
    await work(chosen.filter(({ builds }) => builds !== undefined))
    console.log(`${good} of ${chosen.length} cases are as they should be`)
    return good === chosen.length ? 0 : 1
  } finally {
    await docker.stop()
  }
}

const [directory = '', ...filters] = process.argv.slice(2)
process.exitCode = await main(directory, filters)
