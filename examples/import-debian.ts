// SPDX-License-Identifier: Apache-2.0
// How do I make an image of a root file system? `mmdebstrap --variant=minbase bookworm debian.tar`, then
// `npx tsx examples/import-debian.ts debian.tar`
import { Container, Image } from 'tscontainer'

const tar = process.argv[2]
if (tar === undefined) {
  console.error('give the path of a root file system tar')
  process.exit(2)
}
const image = await Image.import(tar, { tag: 'debian:local', config: { cmd: ['bash'] } })
console.log(`${image.tags[0]}: ${image.layers.length} layer, ${Math.round(image.sizeBytes / 2 ** 20)} MiB`)

const { stdout } = await Container.runOnce('debian:local', [
  'sh',
  '-c',
  '. /etc/os-release; echo $PRETTY_NAME; dpkg -l | wc -l',
])
console.log(stdout.trim())
