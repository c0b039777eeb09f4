// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engineDirectories } from '../../../src/api/engine-options.js'
import { Engine, Image } from '../../../src/index.js'
import { debianTar } from '../../support/debian.js'
import { runProgram } from '../../support/program.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { slow } from '../../support/slow.js'
import { emptyAndClose, scratchBase, supervisorGone } from '../../support/test-engine.js'

const execute = promisify(execFile)
const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text)

/** What each snippet prints, in the order of the README. */
const outputs: readonly RegExp[] = [
  /^Linux \d+\./,
  /^This machine can run containers\.\n/,
  /^sha256:[0-9a-f]{64} \[ '\/bin\/sh' \]\n$/,
  /^hello\n(stopped with 3\n3 null false|3 null false\nstopped with 3)\n$/,
  /^1\n2\n3\n0 \d{3}\n2 ls: cannot access '\/nowhere'/,
  /^a\nb\n\nbegun\ntrue\nSIGKILL\n$/,
  /^hello\nexited 0\nstdout hello \d+:\d+:\d+\n$/,
  /^running \d+\n$/,
  /^\[ 'etc' \]\n$/,
  /^kept\n\n$/,
  /^\d+\.\d+\.\d+\.\d+\s+db\n\n\[[\s\S]*name: 'shop'/,
  /^starting\nhealthy\nended with 1, and comes again\nstarting\nhealthy\nended with 1, for good\n1 unhealthy\n$/,
  /^24\nhello\n$/,
  /^null (\d+|null) .*\n(\d+\.\d+|null) /,
  /mine:latest[\s\S]*mine:dir|mine:dir[\s\S]*mine:latest/,
  /^sha256:[0-9a-f]{64} (download|extract|done)[\s\S]*\[ '.*debian:bookworm' \] 1\n12\.\d/,
  /^apple\npear\n\n$/,
  /^true\n$/,
]

let directory: string
let root: string
let runRoot: string
let registry: DockerRegistry

// What the snippets read: a root file system as a tar and as a directory, and an image archive, here made of that by skopeo.
const prepareFiles = async (): Promise<void> => {
  const run = (command: string, args: readonly string[]) => execute(command, args, { cwd: directory })
  await run('mkdir', ['-p', 'rootfs/etc'])
  await writeFile(join(directory, 'rootfs/etc/motd'), 'hello\n')
  await run('tar', ['-cf', 'rootfs.tar', '-C', 'rootfs', '.'])
  await run('umoci', ['init', '--layout', 'layout'])
  await run('umoci', ['new', '--image', 'layout:archived'])
  await run('skopeo', ['copy', '--quiet', 'oci:layout:archived', 'oci-archive:image.tar:archived'])
  await run('mkdir', ['keys'])
  await run('openssl', [
    'genpkey',
    '-algorithm',
    'EC',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-out',
    'keys/cosign.key',
  ])
  await run('openssl', ['pkey', '-in', 'keys/cosign.key', '-pubout', '-out', 'keys/cosign.pub'])
}

// The real Debian, in a registry that stands for Docker Hub and for the reader's own.
const prepareRegistry = async (): Promise<void> => {
  registry = await startDockerRegistry(join(directory, 'registry'))
  const engine = await Engine.open({ root, runRoot })
  const image = await Image.import(debianTar(), { engine })
  await image.push(`${registry.host}/debian:bookworm`)
  await image.remove()
  await engine.close()
  await supervisorGone(runRoot)
}

const withRegistry = (text: string): string =>
  text
    .replaceAll("'debian:bookworm'", `'${registry.host}/debian:bookworm'`)
    .replaceAll('localhost:5000', registry.host)
    .replaceAll('registry.example/', `${registry.host}/`)
    .replaceAll('/keys/', `${directory}/keys/`)

beforeAll(async () => {
  directory = await mkdtemp(join(scratchBase(), 'tsc-readme-'))
  root = join(directory, 'root')
  process.env.TSCONTAINER_ROOT = root
  runRoot = engineDirectories({}, { env: process.env, uid: process.geteuid?.() ?? 0 }).runRoot
  await prepareFiles()
  await prepareRegistry()
}, 120_000 * slow)

afterAll(async () => {
  await emptyAndClose(await Engine.open({ root, runRoot }), runRoot)
  await registry.stop()
  await rm(directory, { recursive: true, force: true })
  await rm(runRoot, { recursive: true, force: true })
})

test('every snippet has its row', () => {
  expect(snippets.length).toBe(outputs.length)
})

const canLimit = async (): Promise<boolean> => {
  const { controllers } = (await Engine.probe()).cgroup
  return ['memory', 'cpu', 'pids'].every((name) => controllers.includes(name))
}

test.each(outputs.map((says, index) => ({ says, index, text: snippets[index] ?? '' })))(
  'snippet $index runs as it stands: $says',
  async ({ says, index, text }) => {
    const program = await runProgram(directory, `snippet-${index}`, withRegistry(text))
    const { code, output, errors } = await program.ended()
    if (text.includes("memory: '64MiB'") && !(await canLimit())) {
      expect(errors).toContain('ERR_LIMIT_UNSUPPORTED')
      return
    }
    expect(errors).toBe('')
    expect(output).toMatch(says)
    expect(code).toBe(0)
  },
)

test('skopeo reads what was imported, as the README says', async () => {
  const name = /skopeo inspect oci:\/var\/lib\/tscontainer:(\S+)`/.exec(readme)?.[1] ?? 'no name'
  const { stdout } = await execute('skopeo', ['inspect', '--raw', `oci:${root}:${name}`])
  expect(JSON.parse(stdout)).toHaveProperty('config')
})
