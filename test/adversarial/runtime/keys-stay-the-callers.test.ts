// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// keyctl(2) and add_key(2), which no library of the distribution's has.
const numbers = process.arch === 'arm64' ? { add: 217, keyctl: 219 } : { add: 248, keyctl: 250 }

test('keys in the session of the caller are in no container’s, whether it is started or joined', async () => {
  // Perl gives the kernel strings of variables only.
  const look = `$type = "user"; $name = "tscontainer-canary"; $id = syscall(${numbers.keyctl}, 10, -3, $type, $name, 0); $buffer = "\\0" x 64;
    $n = $id > 0 ? syscall(${numbers.keyctl}, 11, $id, $buffer, 64) : -1; print $n > 0 ? "found " . substr($buffer, 0, $n) : "nothing", "\\n"`
  const args = await writeProgram(
    host.directory,
    'keys',
    `import { Engine, Image, Container } from 'tscontainer'
    const engine = await Engine.open({ root: ${JSON.stringify(join(host.directory, 'keys-root'))}, runRoot: ${JSON.stringify(join(host.directory, 'keys-run'))} })
    const image = await Image.host({ engine })
    const command = ['perl', '-e', ${JSON.stringify(look)}]
    for (const userns of process.getuid() === 0 ? ['private', 'host'] : ['private']) {
      const box = await Container.create(image, { engine, seccomp: 'unconfined', userns, command })
      await box.start()
      await box.wait()
      for await (const { line } of box.logs()) console.log('main', line)
      await box.remove()
      const idle = await Container.run(image, { engine, idle: true, seccomp: 'unconfined', userns })
      console.log('exec', (await idle.exec(command)).stdout.trim())
      await idle.remove({ force: true })
    }
    await image.remove({ force: true })
    await engine.close()`,
  )
  // A session of its own with a key in it, which others may not search: whoever has the session is who finds it.
  const begin = `$type = "user"; $name = "tscontainer-canary"; $value = "secret"; syscall(${numbers.keyctl}, 1, 0);
    syscall(${numbers.add}, $type, $name, $value, 6, -3) > 0 or die $!;
    ${look.replace('print', 'print "caller ",')}; $| = 1; system @ARGV`
  const { stdout } = await promisify(execFile)('perl', ['-e', begin, process.execPath, ...args])
  const lines = stdout.trim().split('\n')
  expect(lines[0]).toBe('caller found secret')
  expect(lines.slice(1).map((line) => line.replace(/^\w+ /, ''))).toEqual(lines.slice(1).map(() => 'nothing'))
  expect(lines.length).toBeGreaterThan(2)
})
