// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engineDirectories } from '../../../src/api/engine-options.js'
import { Engine, Image } from '../../../src/index.js'
import { debianTar } from '../../support/debian.js'
import { type DockerRegistry, htpasswdUser, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { slow } from '../../support/slow.js'
import { emptyAndClose, scratchBase, supervisorGone } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const vitestArguments = ['run', '--configLoader', 'runner', '--project', 'examples', '--reporter', 'default']
const top = join(import.meta.dirname, '../../..')
const examples: Readonly<
  Record<
    string,
    {
      readonly program?: string
      readonly args?: () => readonly string[] | Promise<readonly string[]>
      readonly says: RegExp
    }
  >
> = {
  'hello.ts': { says: /^hello from box\nhello world\nhello world\n$/ },
  'limits.ts': { says: /a tenth of a processor|cannot hold the limit/ },
  'events.ts': { says: /created[\s\S]*running[\s\S]*ended with 3[\s\S]*removed/ },
  'detached.ts': { says: /still there\nit said: hello\nit said: bye\nit ended with 0\n$/ },
  'files.ts': { says: /^\[ 'sorted.txt', 'words.txt' \]\n384\napple\npear\n/ },
  'networks.ts': { says: /^hello from the server\nnobody is called so any more\n$/ },
  'faults.ts': {
    says: /^at first: hello\napart: no answer\nhealed: hello\non a bad line: (hello|modprobe sch_netem.*)\n$/,
  },
  'egress.ts': { says: /^refused: [\d.]+ 25\/tcp\n$/ },
  'volumes.ts': { says: /^milk, bread\n\/examples\/volumes.ts\n\n1 file, used by 0 containers\n$/ },
  'volume-driver.ts': { says: /^\[ 'made-inside' \]\n\[\]\n$/ },
  'compose.ts': {
    says: /^example-db-1 started\nexample-migrate-1 started\nexample-web-1 started\ndb is healthy, and migrated\nstart example-migrate-1, since it has ended\ncreate example-web-2, since it is not there\n$/,
  },
  'build.ts': {
    args: () => inRegistry(),
    says: /DONE[\s\S]*image sha256:[0-9a-f]{64}\n {2}greeter:local\nthe same again in \d+ ms\nHELLO FROM THE CONTEXT\n$/,
  },
  'build-in-code.ts': { args: () => inRegistry(), says: /^hello, WORLD\ngood bye, WORLD\n$/ },
  'build-report.ts': {
    args: async () => [join(root, '../build.html'), ...(await inRegistry())],
    says: /^\d+ steps, succeeded: see \S+build\.html\n$/,
  },
  'build-ship-run.ts': {
    args: async () => {
      const [base = ''] = await inRegistry()
      return [base, base.replace('app:1', 'shipped:1')]
    },
    says: /^shipped \S+\/shipped:1@sha256:[0-9a-f]{64}\narrived as it was built\nhello from afar\n$/,
  },
  'log-driver.ts': { says: /^stderr: oh no\nstdout: hello\n$/ },
  'credential-driver.ts': {
    args: () => inRegistry({ htpasswd: true }),
    says: /^ERR_REGISTRY_UNAUTHORIZED\npulled\nERR_REGISTRY_UNAUTHORIZED\n$/,
  },
  'health.ts': {
    says: /^run 1\nhealthy\nunhealthy: it hangs\nstopped by us\nrun 2\nhealthy again after 1 restart\n$/,
  },
  'attach.ts': { says: /^1 \+ 2 = 3\n20 \+ 22 = 42\nbye\nexited 0\n$/ },
  'terminal.ts': { says: /\/dev\/pts\/\d+[\s\S]*24 80[\s\S]*the shell ended with 0\n$/ },
  'import-debian.ts': { args: () => [debianTar()], says: /debian:local: 1 layer[\s\S]*Debian GNU\/Linux/ },
  'dial.ts': { says: /^HTTP\/1\.0 200 OK\nhello\n78 no config\n$/ },
  'commit.ts': {
    args: () => [debianTar(), join(root, '../app.tar')],
    says: /^added \/app\nadded \/app\/greeting\napp:local: 2 layers\ndocker load -i \S+\nhello\n$/,
  },
  'pull.ts': {
    args: () => inRegistry(),
    says: /app:1 is sha256:[0-9a-f]{64}\n[0-9a-f]{12} done +\[#{30}\][\s\S]*1 layers, /,
  },
  'testing.test.ts': { program: 'vitest/vitest.mjs', args: () => vitestArguments, says: /Tests {2}3 passed/ },
  'quickstart.ts': { says: /0 containers left[\s\S]*Done in/ },
}

let root: string
let runRoot: string
const registries: DockerRegistry[] = []

/** The reference of a small image in a registry of our own; with `htpasswd`, who may pull it, too. */
const inRegistry = async ({ htpasswd = false } = {}): Promise<readonly string[]> => {
  const at = join(root, `../registry-${registries.length}`)
  const registry = await startDockerRegistry(at, { htpasswd })
  registries.push(registry)
  const { username, password } = htpasswdUser
  const engine = await Engine.open({ root, runRoot })
  const rootfs = await makeRootfs(`${at}-rootfs`)
  for (const name of ['cat', 'ls', 'seq', 'tr']) await symlink('busybox', join(rootfs, 'bin', name))
  const tar = await makeTar(rootfs, `${at}.tar`)
  const image = await Image.import(tar, { engine })
  await image.push(`${registry.host}/app:1`, htpasswd ? { auth: htpasswdUser } : {})
  await image.remove()
  await engine.close()
  await supervisorGone(runRoot)
  return [`${registry.host}/app:1`, ...(htpasswd ? [username, password] : [])]
}

beforeAll(async () => {
  root = join(await mkdtemp(join(scratchBase(), 'tsc-')), 'root')
  const environment = { env: { ...process.env, TSCONTAINER_ROOT: root }, uid: process.geteuid?.() ?? 0 }
  runRoot = engineDirectories({}, environment).runRoot
})
afterAll(async () => {
  await emptyAndClose(await Engine.open({ root, runRoot }), runRoot)
  for (const registry of registries) await registry.stop()
  await rm(join(root, '..'), { recursive: true, force: true })
  await rm(runRoot, { recursive: true, force: true })
})

test('every example is here', async () => {
  const programs = (await readdir(join(top, 'examples'))).filter((name) => name.endsWith('.ts'))
  expect(programs.sort()).toEqual(Object.keys(examples).sort())
})

test.each(Object.entries(examples))(
  '%s',
  async (name, { program = 'tsx/dist/cli.mjs', args, says }) => {
    const path = program.startsWith('tsx') ? [join(top, 'examples', name)] : []
    const command = [join(top, 'node_modules', program), ...path, ...((await args?.()) ?? [])]
    // The variables of the vitest that we are in are not for one that is an example.
    const own = Object.entries(process.env).filter(([key]) => !/^VITEST|^TSC_TEST_COUNTS$/.test(key))
    const env = { ...Object.fromEntries(own), NO_COLOR: '1', TSCONTAINER_ROOT: root }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: top, env })
    expect(stderr).toBe('')
    expect(stdout).toMatch(says)
  },
  120_000 * slow,
)
