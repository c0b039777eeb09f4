// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { Container, type Engine, type Image } from '../../../src/index.js'
import { run } from '../image/rootfs.js'

/** What a container does to its root: everything that a layer can say. For `sh -c` in an image of {@link makeTwoLayerLayout}. */
export const doings = [
  '/bin/busybox rm -r /cleared && /bin/busybox mkdir /cleared && echo again > /cleared/fresh',
  '/bin/busybox mkdir -m 2750 /added && echo one > /added/file && /bin/busybox ln /added/file /added/twin',
  '/bin/busybox ln -s ../etc/kept /added/link && /bin/busybox mkfifo -m 600 /added/pipe',
  'echo more >> /etc/kept && /bin/busybox chmod 600 /etc/kept && /bin/busybox touch -d @1234567890 /etc/kept',
  '/bin/busybox rm -r /tmp && echo file > /tmp',
  '/bin/busybox truncate -s 67108864 /added/holes && /bin/busybox touch /gone && /bin/busybox rm /gone',
  '/bin/busybox touch -d @1500000000 /added/file /added/pipe /added/holes /added /cleared/fresh /cleared /tmp /etc',
].join(' && ')

/** What is then told of it. */
export const changes = [
  ['/added', 'added'],
  ['/added/file', 'added'],
  ['/added/holes', 'added'],
  ['/added/link', 'added'],
  ['/added/pipe', 'added'],
  ['/added/twin', 'added'],
  ['/cleared', 'changed'],
  ['/cleared/above', 'deleted'],
  ['/cleared/fresh', 'added'],
  ['/cleared/link', 'deleted'],
  ['/cleared/twin', 'deleted'],
  ['/etc', 'changed'],
  ['/etc/kept', 'changed'],
  ['/tmp', 'changed'],
]

/** Path → type, mode, owner, size, target and time of everything in a tar. */
export async function listTar(file: string): Promise<readonly string[]> {
  const lines = await run('tar', '--numeric-owner', '--full-time', '-tvf', file)
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' '))
    .sort()
}

/** What a container of that image sees of what {@link doings} did. */
export async function seeDoings(engine: Engine, image: Image): Promise<void> {
  const box = await Container.run(image, { engine, idle: true })
  try {
    const stat = (paths: string) => `/bin/busybox stat -c '%n %F %a %u:%g %h %s %Y' ${paths}`
    const script = [
      '/bin/busybox find /cleared /added | /bin/busybox sort',
      stat('/added/file /added/pipe /etc/kept /tmp /added'),
      '/bin/busybox readlink /added/link',
      '/bin/busybox cat /etc/kept /tmp /cleared/fresh /added/twin',
      '/bin/busybox du /added/holes; [ -e /gone ] || echo gone',
    ].join('; ')
    const { stdout } = await box.exec(['/bin/sh', '-c', script])
    expect(stdout.split('\n')).toEqual([
      '/added',
      ...changes.slice(1, 6).map(([path]) => path),
      '/cleared',
      '/cleared/fresh',
      '/added/file regular file 644 0:0 2 4 1500000000',
      '/added/pipe fifo 600 0:0 1 0 1500000000',
      '/etc/kept regular file 600 0:0 1 10 1234567890',
      '/tmp regular file 644 0:0 1 5 1500000000',
      expect.stringMatching(/^\/added directory 2750 0:0 /),
      '../etc/kept',
      'kept',
      'more',
      'file',
      'again',
      'one',
      '0\t/added/holes',
      'gone',
      '',
    ])
  } finally {
    await box.remove({ force: true })
  }
}
