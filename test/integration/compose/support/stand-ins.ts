// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, Image } from '../../../../src/index.js'
import { makeRootfs, makeTar } from '../../image/rootfs.js'

const busybox = '/bin/busybox'
const serve = (port: number, answer: string) => [busybox, 'nc', '-ll', '-p', String(port), '-e', answer]

/** Each hands on what the services say that it is linked to, and its files. */
const scripts = {
  nginx: 'cat /etc/nginx/conf.d/default.conf >/dev/null && exec nc php 9000',
  php: `body="$(nc mysql 3306 </dev/null) $(nc redis 6379 </dev/null) $(ls /usr/share/nginx/html)"
    printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "\${#body}" "$body"`,
  mysql: 'touch /var/lib/mysql/kept && echo "password $MYSQL_ROOT_PASSWORD"',
  redis: 'cat /data/args',
  'redis-server': `echo "$@" > /data/args && exec ${serve(6379, '/bin/redis').join(' ')}`,
}

const images = {
  nginx: ['nginx', 80],
  'php:7.2-fpm': ['php', 9000],
  mysql: ['mysql', 3306],
  redis: ['redis', 6379],
} as const

/** Makes images by these names, in which busybox stands in for the servers. */
export async function importStandIns(engine: Engine, directory: string): Promise<void> {
  const rootfs = await makeRootfs(join(directory, 'rootfs'))
  for (const applet of ['nc', 'cat', 'ls', 'touch', 'printf', 'echo'])
    await symlink('busybox', join(rootfs, 'bin', applet))
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(rootfs, 'bin', name), `#!/bin/sh\n${text}\n`)
    await chmod(join(rootfs, 'bin', name), 0o755)
  }
  await mkdir(join(rootfs, 'data'))
  const tar = await makeTar(rootfs, join(directory, 'rootfs.tar'))
  for (const [tag, [name, port]] of Object.entries(images)) {
    const config = { cmd: serve(port, `/bin/${name}`), env: ['PATH=/bin'], stopSignal: 'SIGKILL' }
    await Image.import(tar, { engine, tag, config })
  }
}
