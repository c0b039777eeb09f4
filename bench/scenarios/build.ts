// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Image } from '../../src/index.js'
import { alternate, type Contender } from '../alternate.js'
import { makeContext } from '../make-context.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const dockerfile = `FROM bench
WORKDIR /app
RUN /bin/true
COPY . .
RUN /bin/true
CMD ["/bin/true"]
`

interface Kind {
  readonly name: string
  readonly title: string
  readonly files: number
  readonly rounds: number
  readonly noCache?: boolean
  readonly changes?: boolean
}

const kinds: readonly Kind[] = [
  { name: 'build-unchanged', title: 'build of 500 files of which none changed', files: 500, rounds: 12 },
  { name: 'build-changed', title: 'build of 500 files of which one changed', files: 500, rounds: 12, changes: true },
  { name: 'build-no-cache', title: 'build of 500 files without cache', files: 500, rounds: 8, noCache: true },
  { name: 'build-large', title: 'build of 60,000 files of which none changed', files: 60_000, rounds: 6 },
]

/** `Image.build` of a Dockerfile with two commands and a copy of everything, beside `docker build` with BuildKit. */
export const builds: readonly Scenario[] = kinds.map((kind) => ({
  name: kind.name,
  run: (bench) => measure(bench, kind),
}))

async function measure(
  bench: Workbench,
  { name, title, files, rounds, noCache = false, changes }: Kind,
): Promise<Outcome> {
  const directory = await mkdtemp(join(bench.disk.bulk, 'build-'))
  try {
    const context = await makeContext(join(directory, 'context'), files, { Dockerfile: dockerfile })
    let count = 0
    const change = async () => {
      if (changes) await writeFile(join(context, 'd0/f0'), `changed ${process.pid} ${count++}`)
    }
    const { engine } = bench
    const build = () => timed(() => Image.build({ engine, context, noCache }))
    const docker = bench.withPeers ? await bench.dockerBuilder() : undefined
    const contenders: Contender[] = docker
      ? [{ name: docker.name, slow: true, run: () => change().then(() => docker.build(context, { noCache })) }]
      : []
    const own = { name: 'ours', run: () => change().then(build) }
    const measured = await alternate(own, contenders, { rounds, repeat: 1 })
    return { scenario: name, title, unit: 'ms', ...measured }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
