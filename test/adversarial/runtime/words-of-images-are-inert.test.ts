// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, Image, Ready } from '../../../src/index.js'
import { run } from '../../integration/image/rootfs.js'
import { writeLayout } from '../../support/layered-layout.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

// What an engine might call, each of which leaves a mark.
const writePrograms = async (directory: string, marks: string): Promise<void> => {
  const programs = [
    'newuidmap',
    'newgidmap',
    'nft',
    'ip',
    'iptables',
    'pasta',
    'slirp4netns',
    'tar',
    'xz',
    'sh',
    'node',
  ]
  for (const name of programs)
    await writeFile(join(directory, name), `#!/bin/sh\n: >${join(marks, name)}\nexit 1\n`, { mode: 0o755 })
}

// CVE-2025-23266: a variable of the image's reached a program that ran on the host for it.
test('variables and labels of an image do nothing on the host, whatever is done with its containers', async () => {
  const marks = join(host.directory, 'marks')
  const evil = join(host.directory, 'evil')
  await mkdir(marks)
  await mkdir(evil)
  const source = join(evil, 'evil.c')
  const mark = JSON.stringify(join(marks, 'loaded'))
  await writeFile(
    source,
    `#include <fcntl.h>\n__attribute__((constructor)) static void run(void) { open(${mark}, O_CREAT | O_WRONLY, 0600); }\n`,
  )
  const library = join(evil, 'evil.so')
  await run('cc', '-shared', '-fPIC', '-o', library, source)
  // It would be seen.
  await run('env', `LD_PRELOAD=${library}`, 'true')
  expect(await readdir(marks)).toEqual(['loaded'])
  await rm(join(marks, 'loaded'))
  await writePrograms(evil, marks)
  const hook = JSON.stringify([{ path: join(evil, 'sh'), args: ['sh'] }])
  const labels = {
    'dev.tscontainer.hook': hook,
    'dev.tscontainer.label.privileged': 'true',
    'io.containers.autoupdate': 'image',
    'io.containers.run': join(evil, 'sh'),
    'com.docker.compose.project': '../../x',
    'org.opencontainers.runtime-spec.hooks': hook,
    'oci.hooks.prestart': hook,
    RUN: join(evil, 'sh'),
    [`\u001b[2J${'x'.repeat(5000)}`]: 'x',
  }
  const Env = [
    `LD_PRELOAD=${library}`,
    `LD_AUDIT=${library}`,
    `LD_LIBRARY_PATH=${evil}`,
    `GCONV_PATH=${evil}`,
    `PATH=/opt:${evil}`,
    `NODE_OPTIONS=--require=${join(evil, 'x.js')}`,
    `TSCONTAINER_ROOT=${marks}`,
    `TSCONTAINER_SUPERVISOR=${join(evil, 'sh')}`,
    `XDG_RUNTIME_DIR=${marks}`,
    'NVIDIA_VISIBLE_DEVICES=all',
    'TSCONTAINER_DEBUG=1',
  ]
  const config = {
    Cmd: ['/opt/busybox', 'sh', '-c', 'while :; do /opt/busybox sleep 1; done'],
    Env,
    Labels: labels,
    Healthcheck: { Test: ['CMD', '/opt/busybox', 'true'], Interval: 100_000_000 },
  }
  const layout = await writeLayout(
    join(host.directory, 'layout'),
    [
      [
        { path: 'opt/', type: 'directory', mode: 0o755 },
        { path: 'opt/busybox', mode: 0o755 },
      ],
    ],
    { config, name: 'example.com/words:1' },
  )
  const image = await Image.load(layout, { engine: host.engine })
  const box = await Container.run(image, {
    engine: host.engine,
    mounts: [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }],
    ready: Ready.healthy(),
  })
  try {
    expect((await box.inspect()).labels).toMatchObject({ RUN: labels.RUN })
    const { stdout } = await box.exec(['/opt/busybox', 'env'])
    expect(stdout).toContain(`LD_PRELOAD=${library}`)
    await box.fs.writeFile('/x', 'x')
    await box.fs.copyOut('/x', join(host.directory, 'out'))
    await box
      .pause()
      .then(() => box.resume())
      .catch(() => {})
    for await (const stats of box.stats()) {
      expect(stats).toBeDefined()
      break
    }
    await (await box.commit({ tag: 'example.com/words:2' })).remove()
  } finally {
    await box.remove({ force: true })
  }
  expect(await readdir(marks)).toEqual([])
})

test('programs that the caller’s PATH leads to are not run by the engine', async () => {
  const directory = join(host.directory, 'path')
  const [programs, marks] = [join(directory, 'bin'), join(directory, 'marks')]
  for (const path of [directory, programs, marks, join(directory, 'run')]) await mkdir(path, { mode: 0o700 })
  await writePrograms(programs, marks)
  const before = process.env.PATH
  process.env.PATH = `${programs}:${before}`
  try {
    const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
    const image = await Image.host({ engine })
    const box = await Container.run(image, { engine, idle: true })
    expect((await box.exec(['id', '-u'])).stdout).toBe('0\n')
    expect((await engine.info()).idMap).toBe((await host.engine.info()).idMap)
    await box.remove({ force: true })
    await image.remove({ force: true })
    await engine.close()
    await supervisorGone(join(directory, 'run'))
  } finally {
    process.env.PATH = before
  }
  expect(await readdir(marks)).toEqual([])
})
