// SPDX-License-Identifier: Apache-2.0
// The same lines give the same layers and images to root and to a user with subordinate ids, on any day: the digests below are of no run in particular.
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Image } from '../../../src/index.js'
import { box, useBuildEngine } from '../../support/build-engine.js'
import { testNeeding } from '../../support/needs.js'

const { host, build } = useBuildEngine()
const epoch = { SOURCE_DATE_EPOCH: '1000000000' }

testNeeding('subordinate ids')('of what is copied', async () => {
  const context = join(host.directory, 'context')
  await mkdir(join(context, 'dir/deep'), { recursive: true })
  await writeFile(join(context, 'dir/file'), 'content\n', { mode: 0o640 })
  await writeFile(join(context, 'dir/deep/run'), '#!/bin/sh\n', { mode: 0o755 })
  await symlink('deep/run', join(context, 'dir/link'))
  await writeFile(join(context, 'passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n', { mode: 0o644 })
  const image = await Image.build({
    engine: host.engine,
    context,
    args: epoch,
    platform: 'linux/amd64',
    dockerfileText: `FROM scratch AS first
COPY passwd /etc/passwd
COPY --chown=app --chmod=u=rwX,go=rX dir /made/
WORKDIR /made/work
FROM scratch
COPY --from=first / /
COPY --chown=7:8 dir/file /numbered
COPY --link --chmod=4755 dir/deep/run /bin/run
LABEL a=b
USER app
CMD ["/bin/run"]
`,
  })
  expect({ id: image.id, layers: image.layers.map(({ diffId }) => diffId) }).toMatchInlineSnapshot(`
    {
      "id": "sha256:af924dfc54905152175edeac85f863b8aeff7767ef3fc0b816cb61441609f7b0",
      "layers": [
        "sha256:3437e8a1450b6ce2ee0f2e6ccca5effacff8c46468c1007b8da299b3e308edae",
        "sha256:89aec39d17579d49e899313214f6c1dd3e4071ecbb669e2fed1b0ade3bbea911",
        "sha256:126dc56e2ce1c432cda579b1fb933ebf0a83f73f693d93038706ddf88fb3c665",
      ],
    }
  `)
})

testNeeding('subordinate ids')('of what commands change', async () => {
  const context = join(host.directory, 'own')
  await mkdir(context)
  await copyFile('/bin/busybox', join(context, 'busybox'))
  const touch = `${box} touch -h -d @1000000000`
  const image = await build(
    `FROM base:1
RUN ${box} mkdir -p /d/e && echo one > /d/one && ${box} chown 12:34 /d/one && ${box} chmod 4711 /d/one && ${box} ln /d/one /d/e/two && ${box} ln -s e/two /d/three && \\
  ${box} mkfifo /d/fifo && ${box} chown 12:34 /d/e && ${box} chmod 1777 /d/e && ${touch} /d/one /d/three /d/fifo /d/e /d
USER 12:34
RUN echo more > /d/e/more && ${touch} /d/e/more /d/e
USER 0
RUN ${box} rm /d/three /etc/greeting && ${touch} /d /etc
`,
    { args: epoch },
  )
  expect(image.layers.slice(1).map(({ diffId }) => diffId)).toMatchInlineSnapshot(`
    [
      "sha256:4c8c7cf3e50c3a9f2217541b263e3c95f506da901e170769233eafaa8feaa286",
      "sha256:3165bd0aa5eae52391746e3c29c1c0f9cf38ec2679c27747060351090e96b432",
      "sha256:7c9d4fbdf53d2510bb1dc7e2152e8d814697b26e29fe8adc13b2db1f29ea7c14",
    ]
  `)
})
