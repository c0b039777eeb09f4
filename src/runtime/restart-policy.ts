// SPDX-License-Identifier: Apache-2.0
import type { RestartPolicyMessage } from '../native/create-message.js'
import { check } from '../util/validate.js'

/**
 * When a container is started again after its end (Docker's restart policies). `'no'`, the default: never. `'on-failure'`: when it ended
 * with anything but 0, with `:5` at most so many times. `'always'` and `'unless-stopped'`: whenever it ended; after a reboot the first
 * one also runs again where somebody had stopped it.
 */
export type RestartPolicy = 'no' | 'always' | 'on-failure' | `on-failure:${number}` | 'unless-stopped'

/** Refuses what is no policy. */
export const checkRestartPolicy = check.matching(
  /^(no|always|unless-stopped|on-failure(:\d{1,9})?)$/,
  "'no', 'always', 'unless-stopped', 'on-failure' or 'on-failure:5'",
)

/** A checked policy as the supervisor wants it. */
export function restartMessage(restart: RestartPolicy): RestartPolicyMessage {
  const [policy, maxRetries = '0'] = restart.split(':') as [RestartPolicyMessage['policy'], string?]
  return { policy, maxRetries: Number(maxRetries) }
}

/** What the supervisor says, as users write it. */
export function restartPolicy({ policy, maxRetries }: RestartPolicyMessage): RestartPolicy {
  return policy === 'on-failure' && maxRetries > 0 ? `on-failure:${maxRetries}` : policy
}
