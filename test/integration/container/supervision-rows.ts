// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { type OptionRow, withBox } from './option-row.js'

/** Options of what the supervisor does by itself. */
export const supervisionRows = {
  healthcheck: {
    effect: (host) =>
      withBox(host, { healthcheck: { test: 'echo I am $(id -u); exit 0', intervalMs: 20 } }, async (box) => {
        if (box.health !== 'healthy')
          await new Promise<void>((resolve) =>
            box.on('health', ({ status }) => status === 'healthy' && resolve(undefined)),
          )
        expect((await box.inspect()).health?.log[0]).toMatchObject({ exitCode: 0, output: 'I am 0\n' })
      }),
  },
  restart: {
    effect: async (host) => {
      const box = await host.run({ command: ['sh', '-c', 'echo ran; exit 4'], restart: 'on-failure:2' })
      expect(await box.wait()).toMatchObject({ code: 4 })
      let runs = 0
      for await (const { line } of box.logs()) if (line === 'ran') runs++
      expect(runs).toBe(3)
      await box.remove()
    },
  },
  idleTimeoutMs: {
    effect: async (host) => {
      const box = await host.idle({ idleTimeoutMs: 100 })
      await box.wait()
      expect((await box.inspect()).stopReason).toBe('idle')
      await box.remove()
    },
  },
  maxLifetimeMs: {
    effect: async (host) => {
      const box = await host.run({ command: ['sleep', '1000'], maxLifetimeMs: 100, restart: 'always' })
      await box.wait()
      expect((await box.inspect()).stopReason).toBe('lifetime')
      await box.remove()
    },
  },
} satisfies Readonly<Record<string, OptionRow>>
