// SPDX-License-Identifier: Apache-2.0
// How do I keep what a container did? `npx tsx examples/commit.ts debian.tar app.tar` (see import-debian.ts for the first tar)
import { Container, Image } from 'tscontainer'

const [, , tar, archive] = process.argv
if (tar === undefined || archive === undefined) {
  console.error('give the path of a root file system tar, and one for the image')
  process.exit(2)
}
const base = await Image.import(tar, { tag: 'base:local' })
const box = await Container.run(base, { idle: true })
try {
  await box.sh('mkdir /app && echo hello > /app/greeting')
  for (const { path, kind } of await box.diff()) console.log(`${kind} ${path}`)

  const image = await box.commit({ tag: 'app:local', message: 'a greeting', config: { cmd: ['cat', '/app/greeting'] } })
  console.log(`${image.tags[0]}: ${image.layers.length} layers`)

  await image.save(archive, { format: 'docker' })
  console.log(`docker load -i ${archive}`)
} finally {
  await box.remove({ force: true })
}
const { stdout } = await Container.runOnce('app:local', ['cat', '/app/greeting'])
console.log(stdout.trim())
