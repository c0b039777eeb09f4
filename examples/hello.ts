// SPDX-License-Identifier: Apache-2.0
// How do I run a command in a container? `npx tsx examples/hello.ts`
import { Container, Image } from 'tscontainer'

const image = await Image.host()

// One command, and the container is gone again.
const { stdout } = await Container.runOnce(image, ['sh', '-c', 'echo "hello from $(hostname)"'], { hostname: 'box' })
process.stdout.write(stdout)

// Many commands in one container. In TypeScript and Node 24: `await using box = …` in place of try and finally.
const box = await Container.run(image, { idle: true, env: { NAME: 'world' } })
try {
  console.log((await box.sh('echo "hello $NAME" | tee /tmp/greeting')).stdout.trim())
  console.log((await box.exec(['cat', '/tmp/greeting'])).stdout.trim())
} finally {
  await box.remove({ force: true })
}
