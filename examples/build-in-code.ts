// SPDX-License-Identifier: Apache-2.0
// How do I build an image without a Dockerfile? `npx tsx examples/build-in-code.ts debian:bookworm-slim`
// Stages are values: what two images share is a variable, and what differs an argument.
import { type BuildTools, Container, Image } from 'tscontainer'

const [base = 'debian:bookworm-slim'] = process.argv.slice(2)

const greeter = (greeting: string) => (tools: BuildTools) => {
  const { from, workdir, copy, run, env, cmd } = tools
  const words = from(base, workdir('/work'), copy('words.txt', { to: '.' }), run('tr a-z A-Z < words.txt > loud.txt'))
  return from(
    base,
    copy('/work/loud.txt', { from: words, to: '/' }),
    env({ GREETING: greeting }),
    cmd('echo "$GREETING, $(cat /loud.txt)"'),
  )
}

const options = { context: { 'words.txt': 'world\n' } }
const images = await Promise.all(['hello', 'good bye'].map((greeting) => Image.build(greeter(greeting), options)))
for (const image of images) {
  const box = await Container.run(image)
  try {
    await box.wait()
    for await (const { line } of box.logs()) console.log(line)
  } finally {
    await box.remove({ force: true })
  }
}
