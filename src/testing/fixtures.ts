// SPDX-License-Identifier: Apache-2.0
import { Container, type ContainerOptions, Engine, type EngineOptions, type ImageChoice } from 'tscontainer'
import { type TestAPI, type TestContext, test as vitestTest } from 'vitest'
import { lastLines } from './last-lines.js'

/** Makes containers that end with their test. */
export interface TestContainers {
  /** As {@link Container.create}, in the engine of the file. */
  create(image: ImageChoice, options?: ContainerOptions): Promise<Container>
  /** As {@link Container.run}, in the engine of the file. */
  run(image: ImageChoice, options?: ContainerOptions): Promise<Container>
}

/** What tests get by naming it: `test('…', async ({ containers }) => …)`. Nothing is made for those that name nothing. */
export interface ContainerFixtures {
  /** How the engine of a file is opened; the user's own images by default. Changed by `test.override`. */
  readonly engineOptions: EngineOptions
  /** Opened when a test of the file first asks for it, and closed after the last, with every container in it that this process made. */
  readonly engine: Engine
  /** The containers of one test: removed after it, by force. What each wrote last becomes part of the failure of a test that fails. */
  readonly containers: TestContainers
}

const linesShown = 20

/** `test` of vitest with an engine for the file and containers for the test. */
export const test: TestAPI<ContainerFixtures> = vitestTest.extend<ContainerFixtures>({
  engineOptions: [{}, { scope: 'file' }],
  engine: [
    async ({ engineOptions }, use) => {
      const engine = await Engine.open(engineOptions)
      try {
        await use(engine)
      } finally {
        await engine.close()
      }
    },
    { scope: 'file' },
  ],
  containers: async ({ engine, task }, use) => {
    const made: Promise<Container>[] = []
    const keep = (container: Promise<Container>) => {
      made.push(container)
      return container
    }
    await use({
      create: (image, options = {}) => keep(Container.create(image, { ...options, engine })),
      run: (image, options = {}) => keep(Container.run(image, { ...options, engine })),
    })
    // One that is still being made is waited for: what the test has forgotten must not outlive it.
    const settled = await Promise.allSettled(made)
    const containers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    if (task.result?.state === 'fail') await explain(task, containers)
    await Promise.all(containers.map((container) => container.remove({ force: true, volumes: true })))
  },
})

async function explain(task: TestContext['task'], containers: readonly Container[]): Promise<void> {
  const error = task.result?.errors?.at(-1)
  if (!error) return
  const { message, stack } = error
  for (const container of containers) error.message += `\n\n${await lastLines(container, linesShown)}`
  // Some reporters print one, some the other.
  if (stack === undefined) return
  error.stack = stack.includes(message) ? stack.replace(message, () => error.message) : `${error.message}\n${stack}`
}
