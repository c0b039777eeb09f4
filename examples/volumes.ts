// SPDX-License-Identifier: Apache-2.0
// How do I keep data, and share it between containers? `npx tsx examples/volumes.ts`
import { Container, Image, Volume } from 'tscontainer'

const image = await Image.host()
const volume = await Volume.create({ name: 'notes', labels: { of: 'the example' } })
const mounts = [{ type: 'volume', source: volume.name, target: '/notes' }] as const
try {
  await Container.runOnce(image, ['sh', '-c', 'echo "milk, bread" >/notes/shopping'], { mounts })

  // Another container, which may only read; a file system in memory, and a directory of the host.
  const reading = [
    { ...mounts[0], readonly: true },
    { type: 'tmpfs', target: '/scratch', size: '16m' },
    { type: 'bind', source: import.meta.dirname, target: '/examples', readonly: true },
  ] as const
  const { stdout } = await Container.runOnce(image, ['sh', '-c', 'cat /notes/shopping; ls /examples/volumes.ts'], {
    mounts: reading,
  })
  console.log(stdout)
  const { entries, usedBy } = await volume.inspect()
  console.log(`${entries} file, used by ${usedBy.length} containers`)
} finally {
  await volume.remove()
}
