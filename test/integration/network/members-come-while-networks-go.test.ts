// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { attach, useTestNetworks } from '../../support/test-networks.js'

const engine = useTestEngine()
const networks = useTestNetworks(engine)

const codeOf = ({ code }: { readonly code: string }) => code

// The one process removes the network while the other, the monitor of a detached container, makes a place on it.
test('a network that is removed while a detached container comes to it is gone, or the container is on it', async () => {
  const seen = new Set<string>()
  for (let i = 0; i < 24; i++) {
    const gateway = `10.${221 + (i % 2)}.0.1`
    const network = await networks.ensure({
      bridge: `tsctest${30 + (i % 2)}`,
      subnets: [{ subnet: `${gateway}/24`, gateway }],
    })
    attach(`box${i}`, { networks: [{ network, addresses: [] }] })
    let box: Container | undefined
    const came = engine.idle({ name: `box${i}`, detached: true }).then((made) => {
      box = made
      return 'came'
    }, codeOf)
    await new Promise((resolve) => setTimeout(resolve, 10 + i * 2))
    const went = await networks.remove(network).then(() => 'removed', codeOf)
    seen.add(`${await came}, ${went}`)
    await box?.remove({ force: true })
    if (went !== 'removed') await networks.remove(network)
  }
  const allowed = [
    'came, ERR_NETWORK_IN_USE',
    'ERR_NETWORK_NOT_FOUND, removed',
    'ERR_NETWORK_NOT_FOUND, ERR_NETWORK_IN_USE',
  ]
  expect([...seen].filter((what) => !allowed.includes(what))).toEqual([])
  expect(readdirSync(`${engine.runRoot}/v1/endpoints`)).toEqual([])
  expect(readdirSync(`${engine.runRoot}/v1/leaving`)).toEqual([])
})
