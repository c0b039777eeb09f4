// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FileLogDriver } from '../../../examples/log-driver.js'
import { logDriverContract } from './log-driver-contract.js'

logDriverContract('of the example', (directory) => ({
  driver: new FileLogDriver(directory),
  taken: async (name) => {
    const text = await readFile(join(directory, `${name}.log`), 'utf8')
    return text.replace(/^\S+ /gm, '').trimEnd().split('\n')
  },
}))

logDriverContract('that is slow', () => {
  const lines = new Map<string, string[]>()
  return {
    driver: {
      open: ({ name }) => ({
        write: async ({ stream, line }) => {
          await new Promise((resolve) => setImmediate(resolve))
          lines.set(name, [...(lines.get(name) ?? []), `${stream}: ${line}`])
        },
      }),
    },
    taken: async (name) => lines.get(name) ?? [],
  }
})
