// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { expect } from 'vitest'
import { EventBus } from '../../../src/events/event-bus.js'
import { formatIpAddress, parseIpAddress } from '../../../src/network/ip-address.js'
import { parsePort } from '../../../src/network/port-spec.js'
import { contains, formatSubnet, parseSubnet } from '../../../src/network/subnet.js'
import { parseChallenges } from '../../../src/registry/challenge.js'
import { parseContentRange } from '../../../src/registry/content-range.js'
import { authIn, parseDockerConfig } from '../../../src/registry/docker-config.js'
import { nextLink } from '../../../src/registry/link-header.js'
import { parseRetryAfter } from '../../../src/registry/retry-after.js'
import { parseDetachKeys } from '../../../src/runtime/detach-keys.js'
import { formatByteSize, parseByteSize } from '../../../src/util/byte-size.js'
import { parseDurationMs } from '../../../src/util/duration.js'
import { holds } from '../../support/cases.js'
import { unlessRefused } from '../../support/refusals.js'
import { jsonLike, textOf } from './arbitraries.js'

const token = fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,8}$/)
const quotedText = fc.stringMatching(/^[\x20-\x7e]{0,12}$/)
const parameters = fc.dictionary(token, quotedText, { minKeys: 1, maxKeys: 4, noNullPrototype: true })

holds(
  'challenges that a server writes are read as they were',
  fc.property(fc.array(fc.tuple(token, parameters), { minLength: 1, maxLength: 3 }), (challenges) => {
    const header = challenges.map(([scheme, values]) => {
      const list = Object.entries(values).map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`)
      return `${scheme} ${list.join(', ')}`
    })
    const read = parseChallenges([header.join(', ')])
    expect(read.map(({ scheme, parameters: found }) => [scheme, Object.fromEntries(found)])).toEqual(challenges)
  }),
)

holds(
  'headers of any text are read without a failure, and bring no control characters along',
  fc.property(
    textOf(
      [
        'Bearer',
        'Basic',
        ' ',
        '=',
        '"',
        '\\',
        ',',
        'realm',
        '\r\n',
        '\t',
        ';',
        '<',
        '>',
        'rel=next',
        'bytes',
        '-',
        '0',
        '/',
        '*',
      ],
      20,
    ),
    (text) => {
      const values = parseChallenges([text]).flatMap(({ parameters: found }) => [...found.values()])
      for (const value of values) expect(value).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]/)
      parseContentRange(text)
      nextLink(text)
      expect(parseRetryAfter(text) ?? 0).toBeGreaterThanOrEqual(0)
    },
  ),
  500,
)

const config = {
  auths: { 'https://index.docker.io/v1/': { auth: 'YTpi' }, 'ghcr.io': { identitytoken: 'x' } },
  credHelpers: { 'quay.io': 'pass' },
  credsStore: 'x',
}

holds(
  'a config.json of any shape is one or refused',
  fc.property(jsonLike(config), fc.string(), (value, host) => {
    const read = unlessRefused(['ERR_IMAGE_INVALID'], () => parseDockerConfig(JSON.stringify(value)))
    if (read !== undefined) authIn(read, host, 'a/b')
  }),
)

const sizes = textOf(['1', '2', '.5', 'k', 'm', 'g', 't', 'b', 'iB', 'KiB', ' ', '-', 'e', '9007199254740993'], 6)

holds(
  'sizes and durations are numbers that can be used, or refused',
  fc.property(
    sizes,
    textOf(['1', '30', '.5', 'ms', 's', 'm', 'h', 'd', 'ns', '-', ' ', '999999999999999'], 8),
    (size, duration) => {
      const bytes = unlessRefused(['ERR_INVALID_ARGUMENT'], () => parseByteSize(size, 'memory'))
      if (bytes !== undefined) expect(Number.isSafeInteger(bytes) && bytes >= 0).toBe(true)
      const ms = unlessRefused(['ERR_INVALID_ARGUMENT'], () => parseDurationMs(duration, 'timeoutMs'))
      if (ms !== undefined) expect(Number.isFinite(ms) && ms >= 0).toBe(true)
    },
  ),
  500,
)

holds(
  'a size for people is within a twentieth of what it is of',
  fc.property(
    fc
      .maxSafeNat()
      .map((number) => number / 8)
      .map(Math.floor),
    (bytes) => {
      const [number, unit = ''] = formatByteSize(bytes).split(' ')
      const shown = parseByteSize(`${number}${unit}`, 'size')
      expect(Math.abs(shown - bytes)).toBeLessThanOrEqual(bytes / 20)
    },
  ),
)

holds(
  'addresses and ranges are the same ones after they were written',
  fc.property(
    fc.oneof(fc.ipV4(), fc.ipV6(), textOf(['1', '255', '.', ':', '::', 'ffff', '/', '64', '%', 'g'], 10)),
    fc.nat(128),
    (text, length) => {
      const address = parseIpAddress(text)
      if (address !== undefined) expect(parseIpAddress(formatIpAddress(address))).toEqual(address)
      const subnet = parseSubnet(`${text}/${length}`)
      if (subnet === undefined) return
      expect(parseSubnet(formatSubnet(subnet))).toEqual(subnet)
      if (address !== undefined) expect(contains(subnet, address)).toBe(true)
    },
  ),
  500,
)

holds(
  'ports and keys of any text are read or refused',
  fc.property(
    textOf(['80', '8080', ':', '-', '/', 'tcp', 'udp', '127.0.0.1', '[::1]', ' ', '0', '65536'], 8),
    textOf(['ctrl-', 'a', ',', '[', '@', 'p', '-'], 6),
    (port, keys) => {
      for (const { container, host } of unlessRefused(['ERR_INVALID_ARGUMENT'], () => parsePort(port, 'ports')) ?? []) {
        expect(container).toBeGreaterThan(0)
        expect(Math.max(container, host)).toBeLessThan(65_536)
      }
      unlessRefused(['ERR_INVALID_ARGUMENT'], () => parseDetachKeys(keys))
    },
  ),
)

holds(
  'a cursor is followed by what came after it, and any other text is refused',
  fc.asyncProperty(fc.nat(20), fc.string(), async (after, text) => {
    const bus = new EventBus({ history: 10 })
    const events = Array.from({ length: 20 }, () => bus.publish({ type: 'image', action: 'tagged' } as never))
    const since = events[after]?.cursor ?? text
    const stream = unlessRefused(['ERR_INVALID_ARGUMENT'], () => bus.events({ since }))
    if (stream === undefined) {
      expect(after < 10 || after === 20).toBe(true)
      return
    }
    const next = stream.next()
    bus.close()
    const { value, done } = await next
    expect(done === true ? undefined : value).toBe(events[after + 1])
  }),
)
