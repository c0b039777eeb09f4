import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CountReporter } from './test/support/count-reporter.js'
import { slow } from './test/support/slow.js'

// Tests that drive the real engine run one file after another, each in a process of its own: what a file leaves behind is its own.
// TSC_TEST_TOGETHER puts them into one: where JavaScript is slow a new process takes more than a minute to load them.
const serial = {
  pool: 'forks' as const,
  fileParallelism: false,
  isolate: !process.env.TSC_TEST_TOGETHER,
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 60_000 * slow,
  hookTimeout: 60_000 * slow,
  expect: { poll: { timeout: 10_000 * slow } },
}

// The package by its own name: src/testing imports it so, that there is one engine.
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resolve = {
  alias: [
    { find: /^tscontainer$/, replacement: source('src/index.ts') },
    { find: /^tscontainer\/testing$/, replacement: source('src/testing.ts') },
    { find: /^tscontainer\/compose$/, replacement: source('src/compose.ts') },
  ],
}

export default defineConfig({
  resolve,
  test: {
    reporters: ['default', new CountReporter()],
    // Nothing is written beside the sources: an ordinary user runs the tests in root's checkout.
    cache: false,
    // skopeo and podman would otherwise ask for whatever logins this machine holds, in a directory that may be another user's.
    env: { REGISTRY_AUTH_FILE: source('test/fixtures/no-credentials.json') },
    passWithNoTests: true,
    projects: [
      {
        resolve,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/*.test.ts'], testTimeout: 20_000 * slow },
      },
      { resolve, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...serial } },
      { resolve, test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...serial } },
      { resolve, test: { name: 'adversarial', include: ['test/adversarial/**/*.test.ts'], ...serial } },
      // npm run test:package: compiles, so it is not a part of `npm test`.
      { resolve, test: { name: 'package', include: ['test/package/**/*.test.ts'], ...serial } },
      { resolve, test: { name: 'examples', include: ['examples/*.test.ts'] } },
      // Run by a test, and partly made to fail.
      ...(process.env.TSC_TEST_SUITES
        ? [
            {
              resolve,
              test: { name: 'suites', include: ['test/integration/**/*.suite.ts'], testTimeout: 20_000 * slow },
            },
          ]
        : []),
    ],
  },
})
