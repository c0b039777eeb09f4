// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addon } from '../../../src/native/addon.js'

// Any program stands in for the executable here: what is looked at is the world it finds itself in.
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spawn-'))
})
afterEach(() => rm(directory, { recursive: true }))

function run(script: string, environment: readonly string[] = [], timeoutMs = 5000): Promise<string> {
  return addon().spawnSupervisor({
    executable: '/bin/dash',
    arguments: ['-c', script],
    environment,
    keepStderr: false,
    timeoutMs,
  })
}

const alive = (pid: string) =>
  readFile(`/proc/${pid.trim()}/stat`, 'utf8').then(
    (stat) => !stat.includes(') Z '),
    () => false,
  )

describe('a started supervisor', () => {
  it('gets exactly the environment it is given', async () => {
    process.env.LD_AUDIT_OF_A_STRANGER = '1'
    // dash itself adds PWD.
    const line = await run('env | grep -v ^PWD= | sort | tr "\\n" " " >&3; echo >&3', ['A=one', 'B=two words'])
    expect(line).toBe('A=one B=two words ')
  })

  it('runs from a sealed copy, in a session of its own, with /dev/null as its streams', async () => {
    // fcntl(2), F_GET_SEALS: it can neither be written, nor get longer or shorter, nor lose its seals.
    const seals = `perl -e 'open F, "<", "/proc/$ARGV[0]/exe"; print fcntl(F, 1034, 0)'`
    const line = await run(
      `echo $(${seals} $$) $(readlink /proc/$$/exe) $(cut -d" " -f1,6 /proc/$$/stat) $(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2) >&3`,
    )
    const [sealed, executable, deleted, pid, session, ...streams] = line.split(' ')
    expect(sealed).toBe('15')
    expect([executable, deleted]).toEqual(['/memfd:tscontainer-supervisor', '(deleted)'])
    expect(session).toBe(pid)
    expect(streams).toEqual(['/dev/null', '/dev/null', '/dev/null'])
  })

  it('is called tscontainer-supervisor and has default signals, none blocked', async () => {
    const line = await run(
      'echo $0 $(tr "\\0" " " < /proc/$$/cmdline | cut -d" " -f1) $(grep -E "^Sig(Blk|Ign)" /proc/$$/status | cut -f2) >&3',
    )
    const [, called, blocked, ignored] = line.split(' ')
    expect(called).toBe('tscontainer-supervisor')
    // glibc's posix_spawn leaves its own two, 32 and 33, ignored.
    const own = 0x1_8000_0000n
    expect([BigInt(`0x${blocked}`), BigInt(`0x${ignored}`) & ~own]).toEqual([0n, 0n])
  })

  it('leaves no zombie', async () => {
    const pid = await run('echo $$ >&3')
    await expect(readFile(`/proc/${pid}/stat`)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is ended with all it started when it does not get ready in time', async () => {
    const file = join(directory, 'pids')
    const failing = run(`sleep 60 & echo $! $$ > ${file}; wait`, [], 400)
    await expect(failing).rejects.toMatchObject({ step: 'wait for supervisor', errno: 110 })
    for (const pid of (await readFile(file, 'utf8')).split(' ')) expect(await alive(pid)).toBe(false)
  })

  it('that says nothing is an error, and so is one that is missing or no program', async () => {
    await expect(run('exit 1')).rejects.toMatchObject({ errno: 71 })
    const options = { arguments: [], environment: [], keepStderr: false, timeoutMs: 1000 }
    await expect(addon().spawnSupervisor({ ...options, executable: '/nonexistent' })).rejects.toMatchObject({
      step: 'open supervisor',
      errno: 2,
    })
    await copyFile('/etc/passwd', join(directory, 'text'))
    await expect(addon().spawnSupervisor({ ...options, executable: join(directory, 'text') })).rejects.toMatchObject({
      step: 'start supervisor',
      errno: 8,
    })
  })
})
