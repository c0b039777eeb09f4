// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BuildOptions, Container, type EngineEvent, Image, Volume } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run as shell } from '../image/rootfs.js'

const host = useTestEngine()
let agent: ChildProcess | undefined

beforeAll(async () => {
  const root = join(host.directory, 'root-of-base')
  for (const directory of ['bin', 'etc', 'data', 'tmp']) await mkdir(join(root, directory), { recursive: true })
  await writeFile(join(root, 'bin/busybox'), await readFile('/bin/busybox'), { mode: 0o755 })
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n')
  await writeFile(join(root, 'data/gone'), 'gone')
  await writeFile(join(root, 'data/kept'), 'kept')
  await copyProgram('/usr/bin/ssh-add', root)
  await Image.fromDirectory(root, { engine: host.engine, tag: 'bare:1' })
  await build(
    'FROM bare:1\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nRUN ln -s /data /var-cache && chmod 1777 /tmp\n',
    { tags: ['base:1'] },
  )
})
afterAll(() => void agent?.kill())

// With the libraries that it needs.
const copyProgram = async (program: string, root: string) => {
  const libraries = (await shell('ldd', program)).matchAll(/(\/\S+) \(0x/g)
  for (const path of [program, ...[...libraries].map(([, library]) => library ?? '')]) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await copyFile(path, join(root, path))
  }
}

const build = (dockerfileText: string, options: BuildOptions = {}) =>
  Image.build({ engine: host.engine, dockerfileText, ...options })
const run = (command: string, options: BuildOptions = {}) => build(`FROM base:1\nRUN ${command}\n`, options)
const outputOf = async (image: Image, ...argv: readonly string[]) =>
  (await Container.runOnce(image, argv, { engine: host.engine, network: 'none' })).stdout
const changesOf = async (image: Image) => {
  const base = await Image.get('base:1', { engine: host.engine })
  expect(image.layers.length).toBe(base.layers.length + 1)
  const container = await Container.create(image, { engine: host.engine, command: ['/bin/true'], network: 'none' })
  try {
    const script = 'cd /; find data out tmp run s srv home -print 2>/dev/null | sort'
    return (await outputOf(image, 'sh', '-c', script)).trim().split('\n')
  } finally {
    await container.remove()
  }
}

describe('a command', () => {
  test('makes a layer of what it changes', async () => {
    const image = await run(
      'cd /data; rm gone; echo new > new; chown 1000:1001 new; mkdir -p a/b; sleep 1000 & echo > /out',
    )
    expect(await changesOf(image)).toEqual(['data', 'data/a', 'data/a/b', 'data/kept', 'data/new', 'out', 'tmp'])
    expect(await outputOf(image, 'stat', '-c', '%u:%g', '/data/new')).toBe('1000:1001\n')
  })

  test('has nothing of the environment of its builder', async () => {
    process.env.TSC_SECRET_OF_THE_HOST = 'secret'
    const image = await run('echo "<$TSC_SECRET_OF_THE_HOST> $(hostname)" > /out')
    delete process.env.TSC_SECRET_OF_THE_HOST
    expect(await outputOf(image, 'cat', '/out')).toBe('<> buildkitsandbox\n')
  })

  test('is in no list, in no event, and no volume is its own', async () => {
    const seen: EngineEvent['type'][] = []
    const abort = new AbortController()
    const listening = (async () => {
      for await (const { type } of host.engine.events({ signal: abort.signal })) seen.push(type)
    })().catch(() => {})
    const lists: Promise<readonly Container[]>[] = []
    await run('--mount=type=cache,target=/c echo now; sleep 0.3', {
      onProgress: ({ type }) => {
        if (type === 'output') lists.push(Container.list({ engine: host.engine, all: true }))
      },
    })
    expect((await Promise.all(lists)).flat()).toEqual([])
    expect(lists.length).toBeGreaterThan(0)
    abort.abort()
    await listening
    expect(seen).toEqual(['image'])
    expect(await Volume.list({ engine: host.engine })).toEqual([])
  })

  test('gets the network of the host only from its builder', async () => {
    const command = '--network=host ip -o link > /out'
    await expect(run(command)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'network' })
    await run(command, { network: 'host' })
  })

  test.each(['/proc', '/proc/sys', '/sys/fs', '/dev'])('cannot have %s covered', async (target) => {
    const covered = run(`--mount=type=tmpfs,target=${target} true`)
    await expect(covered).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', object: target })
  })
})

describe('mounts', () => {
  test('leave nothing in the layer, also where links lead to the place', async () => {
    const image = await build(
      `FROM base:1 AS stage
RUN mkdir /from && echo hello > /from/stage
FROM base:1
RUN --mount=from=stage,target=/mnt/in,rw --mount=type=tmpfs,target=/var-cache/deep/er,size=1m \\
    cat /mnt/in/from/stage > /data/seen && echo x > /var-cache/deep/er/x && echo changed > /mnt/in/from/stage
RUN --mount=from=stage,target=/mnt/in cat /mnt/in/from/stage >> /data/seen; ! touch /mnt/in/x
`,
    )
    expect(await outputOf(image, 'sh', '-c', 'cd /; cat data/seen; find data mnt | sort')).toBe(
      'hello\nhello\ndata\ndata/gone\ndata/kept\ndata/seen\n',
    )
  })

  test('of caches are found again, with the owner and the content they began with, listed and pruned', async () => {
    const count = 'n=$(cat /c/count 2>/dev/null || echo 0); echo $((n + 1)) > /c/count; cat /c/count > /out'
    const cached = (more: string) => run(`--mount=type=cache,target=/c,id=one${more} ${count}`, { noCache: true })
    await cached('')
    await cached(',sharing=locked')
    expect(await outputOf(await cached(',sharing=private'), 'cat', '/out')).toBe('3\n')
    const seeded = `FROM base:1 AS seed
RUN mkdir -p /seed/sub && echo s > /seed/sub/f && chown -R 7:8 /seed
FROM base:1
USER app
RUN --mount=type=cache,target=/k,id=two,from=seed,source=/seed cat /k/sub/f > /tmp/out; stat -c %u:%g /k/sub >> /tmp/out
RUN --mount=type=cache,target=/k,id=three,uid=1000,gid=5,mode=0750 stat -c "%u:%g %a" /k >> /tmp/out; touch /k/mine
`
    expect(await outputOf(await build(seeded), 'cat', '/tmp/out')).toBe('s\n7:8\n1000:5 750\n')
    const caches = await host.engine.buildCaches()
    expect(caches.map(({ id }) => id).sort()).toEqual(['/c', 'one', 'three', 'two'])
    expect((await host.engine.diskUsage()).buildCaches).toMatchObject({ count: 4 })
    await host.engine.prune({ images: 'none' })
    expect(await host.engine.buildCaches()).toEqual([])
    expect(await outputOf(await cached(''), 'cat', '/out')).toBe('1\n')
  })

  test('of caches that are locked wait for each other, private ones do not', async () => {
    const use = 'test ! -e /c/busy; : > /c/busy; sleep 0.2; rm /c/busy'
    for (const sharing of ['locked', 'private']) {
      const one = (n: number) =>
        run(`--mount=type=cache,target=/c,id=${sharing},sharing=${sharing} : ${n}; set -e; ${use}`)
      await Promise.all([one(1), one(2)])
    }
  })

  test('of secrets are read-only files in memory, anywhere, or variables, and leave nothing', async () => {
    const image = await run(
      `--mount=type=secret,id=key,target=/root/deep/.rc,uid=1000,gid=50,mode=0440 --mount=type=secret,id=key,env=KEY \\
  --mount=type=secret,id=key [ "$KEY" = "$(cat /root/deep/.rc)" ] && stat -c "%u:%g %a %T" -f /run/secrets/key >/dev/null && \\
  stat -c "%u:%g %a" /root/deep/.rc /run/secrets/key > /out && ! echo x 2>/dev/null > /root/deep/.rc`,
      { secrets: { key: 'hidden treasure' } },
    )
    expect(await outputOf(image, 'cat', '/out')).toBe('1000:50 440\n0:0 400\n')
    expect(await outputOf(image, 'sh', '-c', 'ls -d /root/deep /run/secrets 2>/dev/null || echo none')).toBe('none\n')
    const missing = run('--mount=type=secret,id=key,required true')
    await expect(missing).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', object: 'key' })
  })

  test('of SSH agents ask them for keys and signatures, and for nothing else', async () => {
    const directory = await mkdtemp(join(host.directory, 'agent-'))
    const [socket, key] = [join(directory, 'socket'), join(directory, 'key')]
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    await vi.waitUntil(() => existsSync(socket))
    await shell('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'of-a-test', '-f', key)
    await shell('env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', key)
    const image = await run(
      `--mount=type=ssh,uid=1000,mode=0640 stat -c "%u %a" $SSH_AUTH_SOCK > /out && ssh-add -L >> /out && sed 1d /out > /tmp/pub && ssh-add -T /tmp/pub && rm /tmp/pub
USER app
RUN --mount=type=ssh,uid=1000 ssh-add -L > /tmp/out && ! ssh-add -D
`,
      { ssh: { default: socket } },
    )
    const known = (await readFile(`${key}.pub`, 'utf8')).trim()
    expect(await outputOf(image, 'cat', '/out', '/tmp/out')).toBe(`1000 640\n${known}\n${known}\n`)
    expect(await shell('env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-L')).toBe(`${known}\n`)
    expect(await outputOf(image, 'sh', '-c', 'ls -d /run/buildkit 2>/dev/null || echo none')).toBe('none\n')
    await expect(run('--mount=type=ssh,required true')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})

test('a builder that is killed takes its command along, and its secrets were on no disk', async () => {
  const secret = `treasure-${Math.random()}`
  const text =
    'FROM base:1\nRUN --mount=type=secret,id=k,target=/deep/k --mount=type=cache,target=/c echo running; exec sleep 1000\n'
  const program = await runProgram(
    host.directory,
    'killed',
    `
import { Engine, Image } from 'tscontainer'
const engine = await Engine.open(${JSON.stringify({ root: host.root, runRoot: host.runRoot })})
await Image.build({
  engine,
  dockerfileText: ${JSON.stringify(text)},
  secrets: { k: ${JSON.stringify(secret)} },
  onProgress: ({ type }) => type === 'output' && process.stdout.write('running\\n'),
})
`,
  )
  expect(await program.line()).toBe('running')
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  const ids = await readdir(join(host.root, 'containers'))
  expect(ids.length).toBe(1)
  const found = await shell('sh', '-c', `grep -rlF ${secret} ${host.root} ${host.runRoot} || true`)
  program.process.kill('SIGKILL')
  await vi.waitUntil(async () => (await readdir(join(host.root, 'containers'))).length === 0, { timeout: 5000 * slow })
  expect(found).toBe('')
  expect(await readdir(join(host.root, 'names'))).toEqual([])
  await run('--mount=type=cache,target=/c,sharing=locked true')
})
