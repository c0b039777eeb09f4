// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { call, openRuntimeBench, type RuntimeBench, runtimeCommand } from '../../support/oci-runtime.js'

const testAsRoot = testNeeding('root')

describe('tscontainer-runtime', () => {
  let bench: RuntimeBench
  beforeAll(async () => {
    if (process.getuid?.() === 0) bench = await openRuntimeBench()
  })
  afterAll(() => bench?.end())

  const until = async (path: string, wanted: RegExp) => {
    for (let tries = 0; tries < 200; tries++) {
      const text = existsSync(path) ? await readFile(path, 'utf8') : ''
      if (wanted.test(text)) return text
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`${path} never had ${wanted}`)
  }

  testAsRoot('run gives the output and the exit status, and leaves nothing', async () => {
    const bundle = await bench.bundle('run', 'echo "$0 is $$"; id -u; exit 7')
    const { status, stdout } = await bench.runtime('run', '--bundle', bundle, 'run')
    expect({ status, stdout }).toEqual({ status: 7, stdout: 'sh is 1\n0\n' })
    expect((await bench.runtime('list', '--quiet')).stdout).toBe('')
  })

  testAsRoot('create, start, state, kill and delete follow each other, and nothing else', async () => {
    const bundle = await bench.bundle('life', 'echo started; exec sleep 100', (config) => {
      config.annotations = { answer: '42' }
    })
    const pidFile = join(bundle, 'pid')
    expect(await bench.create('create', bundle, 'life', '--pid-file', pidFile)).toMatchObject({ status: 0, stderr: '' })
    const pid = Number(await readFile(pidFile, 'utf8'))
    const expected = { id: 'life', status: 'created', pid, bundle, annotations: { answer: '42' } }
    expect(await bench.state('life')).toMatchObject(expected)
    expect(await readFile(join(bundle, 'life.out'), 'utf8')).toBe('')
    expect((await bench.create('create', bundle, 'life')).stderr).toContain('container with id exists')

    expect(await bench.runtime('start', 'life')).toMatchObject({ status: 0 })
    await until(join(bundle, 'life.out'), /started/)
    expect(await bench.state('life')).toMatchObject({ status: 'running', pid })
    expect((await bench.runtime('start', 'life')).stderr).toContain('already running')
    expect((await bench.runtime('delete', 'life')).stderr).toContain('not stopped')
    expect(JSON.parse((await bench.runtime('list', '--format', 'json')).stdout)).toMatchObject([{ id: 'life', pid }])
    expect(JSON.parse((await bench.runtime('ps', '--format', 'json', 'life')).stdout)).toEqual([pid])

    expect((await bench.runtime('kill', 'life', 'SIGKILL')).status).toBe(0)
    await expect.poll(async () => (await bench.state('life')).status).toBe('stopped')
    expect((await bench.runtime('kill', 'life', 'TERM')).stderr).toContain('container not running')
    expect((await bench.runtime('delete', 'life')).status).toBe(0)
    expect((await bench.runtime('state', 'life')).stderr).toContain('does not exist')
    expect((await bench.runtime('delete', '--force', 'life')).status).toBe(0)
  })

  testAsRoot('exec joins, pause stops, update limits, events tell', async () => {
    const bundle = await bench.bundle('box', 'exec sleep 100')
    expect(await bench.create('run', bundle, 'box', '--detach')).toMatchObject({ status: 0, stderr: '' })
    const inside = await bench.runtime(
      'exec',
      '--env',
      'A=b',
      '--cwd',
      '/tmp',
      'box',
      'sh',
      '-c',
      'echo $A $PWD; exit 9',
    )
    expect(inside).toMatchObject({ status: 9, stdout: 'b /tmp\n' })
    expect((await bench.runtime('exec', 'box', 'cat', '/proc/1/cmdline')).stdout).toBe('sleep\u0000100\u0000')
    const missing = await bench.runtime('exec', 'box', 'nothing')
    expect(missing).toMatchObject({
      status: 255,
      stderr: expect.stringContaining('executable file not found in $PATH'),
    })

    expect((await bench.runtime('pause', 'box')).status).toBe(0)
    expect(await bench.state('box')).toMatchObject({ status: 'paused' })
    expect((await bench.runtime('exec', 'box', 'true')).stderr).toContain('paused')
    expect((await bench.runtime('resume', 'box')).status).toBe(0)
    expect(await bench.state('box')).toMatchObject({ status: 'running' })

    expect(await bench.runtime('update', '--memory', '32m', '--pids-limit', '9', 'box')).toMatchObject({ status: 0 })
    const resources = JSON.stringify({ cpu: { shares: 512 } })
    const words = ['--root', join(bench.directory, 'state'), 'update', '--resources', '-', 'box']
    expect(await call(runtimeCommand, words, resources)).toMatchObject({ status: 0 })
    const { type, data } = JSON.parse((await bench.runtime('events', '--stats', 'box')).stdout)
    expect({ type, data }).toMatchObject({
      type: 'stats',
      data: { memory: { usage: { limit: 32 * 2 ** 20 } }, pids: { current: 1, limit: 9 } },
    })
    const forks = await bench.runtime(
      'exec',
      'box',
      'sh',
      '-c',
      'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; echo all',
    )
    expect(forks.stderr).toContain("can't fork")
    expect((await bench.runtime('delete', '--force', 'box')).status).toBe(0)
  })

  testAsRoot('hooks of all kinds run where they belong, with the state on their stdin', async () => {
    const hook = join(bench.directory, 'hook')
    const log = join(bench.directory, 'hooks.log')
    await writeFile(hook, `#!/bin/sh\necho "$1 $(readlink /proc/self/ns/mnt) $(cat)" >>${log}\n`)
    await chmod(hook, 0o755)
    const on = (kind: string) => [{ path: hook, args: ['hook', kind] }]
    const bundle = await bench.bundle('hooks', 'cat /tmp/hooked', (config) => {
      config.hooks = {
        ...{ prestart: on('prestart'), createRuntime: on('createRuntime'), createContainer: on('createContainer') },
        startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'cat >/tmp/hooked'] }],
        ...{ poststart: on('poststart'), poststop: on('poststop') },
      }
    })
    const { stdout, stderr, status } = await bench.runtime('run', '--bundle', bundle, 'hooks')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = (await readFile(log, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => /^(\S+) (\S+) (.*)$/.exec(line) ?? [])
    expect(lines.map(([, kind]) => kind)).toEqual([
      'prestart',
      'createRuntime',
      'createContainer',
      'poststart',
      'poststop',
    ])
    const states = lines.map(([, , , state]) => JSON.parse(state ?? '') as { id: string; status: string; pid: number })
    expect(states.map(({ status }) => status)).toEqual(['creating', 'creating', 'creating', 'running', 'stopped'])
    expect(new Set(states.slice(0, 4).map(({ pid }) => pid)).size).toBe(1)
    const [prestart, , createContainer] = lines.map(([, , namespace]) => namespace)
    expect(createContainer).not.toBe(prestart)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'hooks', status: 'created', bundle })
  })

  testAsRoot('a hook that fails or takes too long undoes the container', async () => {
    for (const [id, script, why] of [
      ['failing', 'echo because >&2; exit 3', /exit status 3: because/],
      ['slow', 'sleep 100', /timeout/],
    ] as const) {
      const bundle = await bench.bundle(id, 'true', (config) => {
        config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script], timeout: 1 }] }
      })
      const { status, stderr } = await bench.create('create', bundle, id)
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(why) })
    }
    expect((await bench.runtime('list', '--quiet')).stdout).toBe('')
  })

  testAsRoot('namespaces are joined by path, descriptors kept, /dev and read-only roots as configured', async () => {
    const bundle = await bench.bundle('joined', 'readlink /proc/self/ns/uts; cat <&3; touch /x; ls /dev', (config) => {
      config.root.readonly = true
      config.hostname = undefined
      config.linux.namespaces = config.linux.namespaces.map((entry) =>
        entry.type === 'uts' ? { type: 'uts', path: `/proc/${process.pid}/ns/uts` } : entry,
      )
    })
    await writeFile(join(bundle, 'file'), 'kept\n')
    const words = ['--root', join(bench.directory, 'state'), 'run', '--preserve-fds', '1', '--bundle', bundle, 'joined']
    const ran = await call('sh', ['-c', 'exec 3<"$0"; exec "$@"', join(bundle, 'file'), runtimeCommand, ...words])
    expect(ran.stdout).toContain('kept')
    expect(ran.stdout).toContain((await call('readlink', ['/proc/self/ns/uts'])).stdout)
    const devices = 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' ')
    expect(ran.stdout.split('\n').slice(2, -1)).toEqual(devices)
    expect(ran.stderr).toContain('Read-only file system')
  })

  // Without no_new_privs it is installed while there are still capabilities, so it judges what looks for the program, too.
  testAsRoot('a program is found under a filter that knows no faccessat2, and mounts show their sources', async () => {
    const bundle = await bench.bundle('filtered', 'grep /dev/shm /proc/self/mountinfo', (config) => {
      config.process.noNewPrivileges = false
      const refused = { names: ['faccessat2'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [refused] }
    })
    const { status, stdout } = await bench.runtime('run', '--bundle', bundle, 'filtered')
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/ - tmpfs shm rw/) })
  })

  testAsRoot('root of a user namespace alone runs bundles without limits', async () => {
    const bundle = await bench.bundle(
      'rootless',
      'id -u; cat /proc/self/uid_map; echo >/dev/null && ls /dev/pts',
      (config) => {
        config.linux.resources = {}
      },
    )
    const words = [
      '--root',
      join(bench.directory, 'rootless-state'),
      'run',
      '--pid-file',
      'pid',
      '--bundle',
      bundle,
      'rootless',
    ]
    await chmod(bench.directory, 0o755)
    const alone = ['--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', runtimeCommand]
    const setup = [
      '-w',
      join(bench.directory, 'home'),
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      'unshare',
      ...alone,
    ]
    await mkdir(join(bench.directory, 'home'))
    await mkdir(join(bench.directory, 'rootless-state'))
    await chown(join(bench.directory, 'home'), 65534, 65534)
    await chown(join(bench.directory, 'rootless-state'), 65534, 65534)
    const ran = await call('sh', ['-c', 'cd "$1" && shift && exec setpriv "$@"', 'sh', ...setup.slice(1), ...words])
    expect(ran).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^0\n +0 +65534 +1\n/) })
    expect(await readFile(join(bench.directory, 'home/pid'), 'utf8')).toMatch(/^\d+$/)
  })

  testAsRoot('what is not supported is refused in one line of JSON', async () => {
    const log = join(bench.directory, 'log')
    const bundle = await bench.bundle('refused', 'true', (config) => {
      config.process.apparmorProfile = 'strict'
    })
    const refused = await bench.runtime('--log', log, '--log-format', 'json', 'create', '--bundle', bundle, 'refused')
    expect(refused).toMatchObject({ status: 1, stderr: 'process.apparmorProfile is not supported\n' })
    expect(JSON.parse(await readFile(log, 'utf8'))).toEqual({
      ...{
        level: 'error',
        msg: 'process.apparmorProfile is not supported',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    })
    expect((await bench.runtime('--systemd-cgroup', 'list')).stderr).toContain('not supported')
    expect((await bench.runtime('--version')).stdout).toMatch(/^tscontainer-runtime version \S+\nspec: 1\.2\.0\n$/)
    expect(JSON.parse((await bench.runtime('features')).stdout)).toMatchObject({
      linux: { cgroup: { v1: true, v2: true } },
    })
  })
})
