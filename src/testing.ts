// SPDX-License-Identifier: Apache-2.0

export { createFakeEngine, type FakeEngine, type MadeContainer } from './testing/fake-engine.js'
export type { FakeAnswer, FakeExit, FakeImage } from './testing/fake-image.js'
export { type ContainerFixtures, type TestContainers, test } from './testing/fixtures.js'
export { type ContainerMatchers, expect, type Patience } from './testing/matchers.js'
