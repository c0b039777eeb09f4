// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()
const canary = () => join(engine.directory, 'canary')
beforeAll(() => writeFile(canary(), 'of the host'))

const calls = process.arch === 'arm64' ? { umount2: 39, setns: 268 } : { umount2: 166, setns: 308 }
const enterAnew = (path: string) =>
  `use strict; my $root = "/"; open(my $own, "<", "/proc/self/ns/mnt") or die $!; for (1 .. 4) { syscall(${calls.umount2}, $root, 2);
  syscall(${calls.setns}, fileno($own), 0) == 0 or die "setns: $!"; print "found\\n" if -e "${path}" } print "entered\\n"`

// A parked child left the host's tree before it knew its container; one of its own leaves it at the start.
describe.each([
  ['of a parked child', {}],
  ['of a child of its own', { uts: 'host' }],
] as const)('the root %s', (_, options) => {
  test('leads nowhere, whether it is left by chroot or unmounted', async () => {
    const box = await engine.idle({ privileged: true, ...options })
    const look = `[ -e ${canary()} ] && echo found; [ -e /../${canary()} ] && echo found; ls -d /usr`
    const leave = `use strict; mkdir "/tmp/inner"; chroot "/tmp/inner" or die "chroot: $!"; chdir ".." for 1 .. 64; chroot "." or die; exec "/bin/sh", "-c", $ARGV[0]`
    const left = await box.exec(['perl', '-e', leave, look])
    expect(left.stdout, 'its own root, and no other').toBe('/usr\n')
    const unmounted = await box.sh(`unshare -m sh -c 'umount -l /; cd /..; ${look}; exit 0'`)
    expect(unmounted.stdout).not.toContain('found')
    // Whoever enters a mount namespace stands at its root, whatever was mounted over that.
    const entered = await box.exec(['unshare', '-m', 'perl', '-e', enterAnew(canary())])
    expect(entered.stdout).toBe('entered\n')
    await box.remove({ force: true })
  })

  test('is the root of its namespace: user namespaces can be made in it, and it can be pivoted', async () => {
    const box = await engine.idle({ privileged: true, ...options })
    const pivot = 'mount -t tmpfs none /mnt && cd /mnt && mkdir old && pivot_root . old && echo pivoted'
    const { stdout } = await box.exec(['unshare', '-Urm', 'sh', '-c', pivot])
    expect(stdout).toBe('pivoted\n')
    await box.remove({ force: true })
  })
})
