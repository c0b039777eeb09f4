// SPDX-License-Identifier: Apache-2.0
// How do I get files into a container and out of it? `npx tsx examples/files.ts`
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Container, Image } from 'tscontainer'

const directory = await mkdtemp(join(tmpdir(), 'files-'))
await writeFile(join(directory, 'words.txt'), 'pear\napple\n')

const box = await Container.create(await Image.host(), {
  command: ['sh', '-c', 'sort /work/words.txt > /work/sorted.txt'],
  files: [{ path: '/etc/app.conf', content: 'order=alphabetical\n', mode: 0o600 }],
})
try {
  await box.fs.copyIn(directory, '/work')
  await box.start()
  await box.wait()

  // It has ended; its files are still there.
  console.log(await box.fs.readdir('/work'))
  console.log((await box.fs.stat('/etc/app.conf')).mode & 0o777)
  await box.fs.copyOut('/work/sorted.txt', directory)
  console.log(await readFile(join(directory, 'sorted.txt'), 'utf8'))
} finally {
  await box.remove({ force: true })
  await rm(directory, { recursive: true })
}
