// SPDX-License-Identifier: Apache-2.0
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, ContainerOptions, HostReport } from '../../../src/index.js'
import type { TestEngine } from '../../support/test-engine.js'

const top = join(import.meta.dirname, '../../..')

/** What a job of a CI service can see: the checkout, read-only, and a directory in memory to work in. */
export const jobOptions = async (): Promise<ContainerOptions> => {
  const modules = await realpath(join(top, 'node_modules'))
  const checkout = { type: 'bind', source: top, target: top, readonly: true } as const
  const elsewhere = { type: 'bind', source: modules, target: modules, readonly: true } as const
  return {
    idle: true,
    mounts: [checkout, ...(modules.startsWith(`${top}/`) ? [] : [elsewhere]), { type: 'tmpfs', target: '/job' }],
  }
}

/** What the engine did there, by an engine's own words. */
export interface JobReport {
  readonly probe: Pick<HostReport, 'usable' | 'lacks' | 'environment' | 'cgroup'>
  readonly text: string
  readonly info?: { readonly idMap: string; readonly snapshotter: string }
  /** Of a container in the container: its output and exit status, or the code of the error. */
  readonly ran?: string
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}

const program = `
import { mkdirSync } from 'node:fs'
import { Container, Engine, Image } from '${join(top, 'src/index.ts')}'
const [directory] = process.argv.slice(1)
mkdirSync(directory + '/run', { mode: 0o700, recursive: true })
const engine = await Engine.open({ root: directory + '/root', runRoot: directory + '/run' })
const { usable, lacks, environment, cgroup, ...rest } = await engine.probe()
const report = { probe: { usable, lacks, environment, cgroup }, text: String(await engine.probe()) }
try {
  const image = await Image.host({ engine })
  const box = await Container.run(image, { engine, idle: true })
  const { idMap, snapshotter } = await engine.info()
  report.info = { idMap, snapshotter }
  const { stdout } = await box.exec(['sh', '-c', 'echo $$ $(id -u) $(cat /proc/sys/kernel/hostname) $(ls /proc | grep -c "^[0-9]*$")'])
  report.ran = stdout.trim()
  await box.remove({ force: true })
} catch ({ code, message, hint }) {
  report.error = { code, message, hint }
} finally {
  await engine.close()
}
console.log(JSON.stringify(report))
`

/** Runs the engine in a container of the engine, with a root in \`directory\` of that container. */
export const runJob = async (host: TestEngine, options: ContainerOptions, directory = '/job'): Promise<JobReport> => {
  const box: Container = await host.run({ ...(await jobOptions()), ...options })
  try {
    const loader = join(top, 'node_modules/tsx/dist/loader.mjs')
    const command = [process.execPath, '--import', loader, '--input-type=module', '--eval', program, directory]
    const { stdout } = await box.exec(command, { env: { HOME: '/job', TMPDIR: '/job' }, cwd: top })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as JobReport
  } finally {
    await box.remove({ force: true })
  }
}
