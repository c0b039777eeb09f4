// SPDX-License-Identifier: Apache-2.0
// How do I talk to a container's main process? By its standard streams, before its start or at any time later.
import { Container, Image } from 'tscontainer'

const calculator = 'while read left right; do echo "$left + $right = $((left + right))"; done; echo bye'
const box = await Container.create(await Image.host(), { command: ['sh', '-c', calculator], stdin: 'pipe' })
try {
  const attachment = box.attach() // before the start: nothing of what it writes can be missed
  await box.start()
  const input = attachment.stdin!.getWriter()
  await input.write('1 2\n')
  for await (const line of attachment.stdout.lines()) {
    console.log(line)
    if (line === '1 + 2 = 3') await input.write('20 22\n')
    if (line === '20 + 22 = 42') await input.close() // the end of its input
  }
  console.log(await attachment.ended(), (await box.wait()).code)
} finally {
  await box.remove({ force: true })
}
