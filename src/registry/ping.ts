// SPDX-License-Identifier: Apache-2.0
import { dropBody } from './answer.js'
import type { Endpoint } from './endpoint.js'

/** Resolves if the host speaks the distribution API and takes our credentials, where it wants any. */
export async function ping(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
  const answer = await endpoint.call({
    method: 'GET',
    path: 'v2/',
    scopes: [],
    expect: [200],
    subject: { kind: 'registry', name: endpoint.name },
    signal,
  })
  await dropBody(answer)
}
