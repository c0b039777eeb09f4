// SPDX-License-Identifier: Apache-2.0
// How do I build an image? `npx tsx examples/build.ts debian:bookworm-slim`
// Two stages, files that are at hand, and the second build of the same, which does nothing.
import { Container, Image, showBuild } from 'tscontainer'

const [base = 'debian:bookworm-slim'] = process.argv.slice(2)

const options = {
  context: { 'greeting.txt': 'hello from the context\n', 'notes/left-out.txt': '' },
  dockerfileText: `FROM ${base} AS made
WORKDIR /work
COPY greeting.txt .
RUN tr a-z A-Z < greeting.txt > loud.txt
FROM ${base}
COPY --from=made /work/loud.txt /
CMD ["cat", "/loud.txt"]
`,
  tags: ['greeter:local'],
}

const build = Image.build(options)
await showBuild(build, process.stdout)
const image = await build

const began = performance.now()
const again = await Image.build(options)
console.log(again.id === image.id ? 'the same again' : 'another one', `in ${Math.round(performance.now() - began)} ms`)

const box = await Container.run(image)
try {
  await box.wait()
  for await (const { line } of box.logs()) console.log(line)
} finally {
  await box.remove({ force: true })
}
