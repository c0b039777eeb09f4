// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()

test.each([
  ['network', 'net'],
  ['pid', 'pid'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
] as const)(
  'with the host’s %s a command in the container has it too, and nothing else of the host’s',
  async (option, kind) => {
    const box = await engine.idle({ [option]: 'host' })
    const { stdout } = await box.exec([
      'sh',
      '-c',
      'for n in net pid ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done',
    ])
    const shared = ['net', 'pid', 'ipc', 'uts', 'mnt', 'cgroup'].filter((name) =>
      stdout.includes(readlinkSync(`/proc/self/ns/${name}`)),
    )
    expect(shared).toEqual([kind])
    await box.remove({ force: true })
  },
)
