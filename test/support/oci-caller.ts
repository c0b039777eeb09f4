// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { type CommandResult, call } from './oci-runtime.js'

/** podman or docker, as far as their words are the same. */
export type Caller = (...words: readonly string[]) => Promise<CommandResult>

/** The same words in a terminal; what it shows, but for the end of input that script(1) types into it and it may echo. */
export const inTerminal = async (words: readonly string[]): Promise<string> =>
  (await call('script', ['-qec', words.join(' '), '/dev/null'])).stdout.replaceAll(/\^[@D]/g, '')

/**
 * What a user of podman or docker sees of the runtime: output and exit statuses, terminals, limits, stop and restart, exec, pause. `image` has
 * busybox; `words` are those that lead to the caller.
 */
export async function livesAsUsersKnow(words: readonly string[], image: string): Promise<void> {
  const [program = '', ...first] = words
  const caller: Caller = (...more) => call(program, [...first, ...more])
  // podman's own wish for these is beyond what a machine may allow, which runc and crun refuse as well.
  const alone = ['--network', 'none', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096']
  expect(await caller('run', '--rm', ...alone, image, 'echo', 'hello')).toMatchObject({ status: 0, stdout: 'hello\n' })
  expect((await caller('run', '--rm', ...alone, image, 'sh', '-c', 'exit 5')).status).toBe(5)
  expect((await caller('run', '--rm', ...alone, image, 'nothing')).status).toBe(127)
  const terminal = await inTerminal([
    ...words,
    'run',
    '--rm',
    '-it',
    ...alone,
    image,
    'sh',
    '-c',
    '"tty; ls /dev/console"',
  ])
  expect(terminal).toMatch(/\/dev\/pts\/0\r\n\/dev\/console\r\n/)

  const script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
  const limits = ['--memory', '64m', '--pids-limit', '20', '--user', '1000:1000', '--read-only', '--tmpfs', '/tmp']
  const started = await caller('run', '-d', '--name', 'box', ...alone, ...limits, image, 'sh', '-c', script)
  expect(started).toMatchObject({ status: 0 })
  const files = ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/pids/pids.max']
  const seen = await caller(
    'exec',
    'box',
    'sh',
    '-c',
    `id -u; cat ${files.join(' ')} || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max`,
  )
  expect(seen.stdout).toBe('1000\n67108864\n20\n')
  expect((await caller('exec', 'box', 'sh', '-c', 'touch /x')).stderr).toContain('Read-only file system')
  expect((await caller('exec', 'box', 'sh', '-c', 'touch /tmp/x && exit 9')).status).toBe(9)
  expect(await inTerminal([...words, 'exec', '-it', 'box', 'tty'])).toContain('/dev/pts/0')
  expect((await caller('pause', 'box')).status).toBe(0)
  expect((await caller('ps', '--all', '--format', '{{.Status}}')).stdout).toContain('Paused')
  expect((await caller('unpause', 'box')).status).toBe(0)
  expect((await caller('top', 'box')).stdout).toContain('sleep 0.1')

  const status = async () =>
    (await caller('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'box')).stdout
  expect((await caller('stop', '--time', '20', 'box')).status).toBe(0)
  expect(await status()).toBe('exited 3\n')
  expect((await caller('restart', 'box')).status).toBe(0)
  expect(await status()).toBe('running 0\n')
  expect((await caller('kill', '--signal', 'KILL', 'box')).status).toBe(0)
  await expect.poll(status).toBe('exited 137\n')
  expect((await caller('rm', 'box')).status).toBe(0)
}
