// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { type Buildah, makeBuildah, runMapped } from '../../support/buildah.js'
import { debianTar } from '../../support/debian.js'
import { has, testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { skopeo } from './layered-images.js'
import { usePullFixture } from './pull-fixture.js'

// As in the other test with a whole Debian: in memory, deleting it takes no time.
const fixture = usePullFixture(process.env.TSC_TEST_ROOT ?? '/dev/shm')
const slowly = 240_000 * slow
const able = has('subordinate ids')

// What layers can have: links within and across, setuid and setgid, a FIFO, holes, capabilities, owners, times, and
// what a layer takes away again: files, whole directories, directories that come back, a directory that becomes a file.
const containerfile = `FROM scratch
ADD root.tar /
RUN mkdir -p /opt/app/old/deep /opt/gone /srv/set \\
 && echo one > /opt/app/old/deep/a && ln /opt/app/old/deep/a /opt/app/twin && ln -s ../app/twin /opt/gone/link \\
 && echo two > /opt/gone/two && cp /bin/true /srv/set/uid && ln /srv/set/uid /srv/twin && chmod 4755 /srv/twin && chmod 2775 /srv/set \\
 && chown 7:8 /srv/set && mkfifo -m 640 /srv/pipe && touch -d @1234567 /srv/pipe \\
 && truncate -s 8M /srv/sparse && printf x | dd of=/srv/sparse bs=1 seek=4000000 conv=notrunc status=none \\
 && cp /bin/true /srv/capable && perl -e 'my $number = \`uname -m\` =~ /x86_64/ ? 188 : 5; \\
    my ($path, $name, $value) = ("/srv/capable", "security.capability", pack("V5", 0x02000001, 1 << 13, 0, 0, 0)); \\
    syscall($number, $path, $name, $value, length $value, 0) == 0 or die "setxattr: $!"'
RUN rm -r /opt/app/old && mkdir /opt/app/old && echo new > /opt/app/old/new && rm -r /opt/gone \\
 && rm /etc/debian_version && ln /opt/app/twin /opt/app/old/third
RUN rm -r /usr/share/doc && touch /usr/share/doc && chown 5:5 /srv && mv /srv/sparse /srv/moved
CMD ["/bin/sh"]
`

let buildah: Buildah
let theirs: string
let ours: string
let image: Image
let rootSeen: string

beforeAll(async () => {
  if (!able) return
  const { directory, engine, ref } = fixture
  buildah = await makeBuildah(join(directory, 'buildah'))
  await buildah.build(containerfile, debianTar(), 'built:1')
  await buildah.push('built:1', `docker://${ref('built:1')}`)
  image = await Image.pull(ref('built:1'), { engine })

  const box = await Container.run(image, { engine, idle: true, network: 'none' })
  rootSeen = (await box.exec(['stat', '-c', '%a %u:%g', '/'])).stdout
  const tar = join(directory, 'export.tar')
  await pipeline(Readable.fromWeb(box.export() as never), createWriteStream(tar))
  await box.remove({ force: true })
  ours = join(directory, 'mapped/ours')
  await mkdir(ours, { recursive: true })
  await runMapped('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', ours, '-xpf', tar)

  const layout = join(directory, 'umoci')
  await skopeo('copy', '-q', '--src-tls-verify=false', '-f', 'oci', `docker://${ref('built:1')}`, `oci:${layout}:1`)
  theirs = join(directory, 'mapped/bundle/rootfs')
  await runMapped('umoci', 'unpack', '--image', `${layout}:1`, join(directory, 'mapped/bundle'))
}, slowly)

afterAll(async () => {
  if (!able) return
  await buildah.remove()
  await runMapped('rm', '-rf', join(fixture.directory, 'mapped'))
})

const archive =
  'cd "$0" && tar --sort=name --numeric-owner --xattrs --xattrs-include="*" --pax-option=delete=atime,delete=ctime -cf - *'

testNeeding('subordinate ids')('names, types, modes, owners, links, sizes and times', async () => {
  const list = async (tree: string) =>
    (await runMapped('sh', '-c', `${archive} | tar -tv --full-time`, tree)).split('\n')
  const expected = await list(theirs)
  expect(await list(ours)).toEqual(expected)
  expect(expected.length).toBeGreaterThan(3000)
  const has = (text: string) => expect(expected.some((line) => line.includes(text))).toBe(true)
  for (const text of ['srv/twin link to srv/set/uid', 'srv/pipe', '-rwsr-xr-x', 'drwxrwsr-x 7/8']) has(text)
})

testNeeding('subordinate ids')('data and attributes, byte for byte', async () => {
  const sum = (tree: string) => runMapped('sh', '-c', `${archive} | sha256sum`, tree)
  expect(await sum(ours)).toBe(await sum(theirs))
  expect(await runMapped('getfattr', '-m', '-', '-d', '-e', 'hex', join(ours, 'srv/capable'))).toContain(
    'security.capability=0x0100000200200000000000000000000000000000',
  )
})

testNeeding('subordinate ids')('the root directory itself', async () => {
  // buildah's layers have no entry for it.
  expect(rootSeen).toBe(await runMapped('stat', '-c', '%a %u:%g', theirs))
})

testNeeding('subordinate ids')('its config and its programs', async () => {
  const { engine } = fixture
  expect((await image.inspect()).config.cmd).toEqual(['/bin/sh'])
  expect(image.layers).toHaveLength(4)
  const { stdout } = await Container.runOnce(image, ['/usr/bin/dpkg-query', '-W', 'dpkg'], { engine, network: 'none' })
  expect(stdout).toMatch(/^dpkg\t1\./)
})
