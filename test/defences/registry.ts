// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const answers = 'adversarial/registry/answers-that-lie-are-refused'
const images = 'adversarial/registry/images-that-lie-are-not-pulled'
const lists = 'adversarial/registry/lists-that-lie-are-refused'
const redirects = 'adversarial/registry/redirects-do-not-lead-astray'
const secrets = 'adversarial/registry/secrets-stay-secret'
const stalls = 'adversarial/registry/stalls-and-floods-end'

export const registry: readonly Defence[] = [
  {
    without: 'a manifest is compared with its digest',
    edits: [
      [
        'src/registry/manifests.ts',
        'wanted !== undefined && wanted !== digest',
        'wanted === digest && digest === undefined',
      ],
    ],
    red: [
      [answers, 'that is not what its digest says is refused'],
      [answers, 'that is not what the registry announces is refused'],
    ],
  },
  {
    without: 'a manifest is as long as registries take it',
    edits: [['src/registry/manifests.ts', 'const manifestLimit = 4 * 1024 * 1024', 'const manifestLimit = 4e9']],
    red: [[answers, 'of 100 MB is refused before it is read, whether its size is announced or not']],
  },
  {
    without: 'another range than asked for is not taken',
    edits: [['src/registry/download-blob.ts', 'if (answer.status === 206)', 'if (answer.status > 0)']],
    red: [[answers, 'from which the range is ignored is taken from its start']],
  },
  {
    without: 'another host gets no Authorization',
    edits: [['src/registry/follow.ts', 'headers = withoutAuthorization(headers)', 'void withoutAuthorization']],
    red: [[redirects, 'is followed without Authorization']],
  },
  {
    without: 'https does not become http',
    edits: [
      [
        'src/registry/follow.ts',
        "base.protocol === 'https:' && url.protocol",
        "base.protocol === 'x:' && url.protocol",
      ],
    ],
    red: [[redirects, 'from https to http is refused']],
  },
  {
    without: 'only http is followed',
    edits: [
      ['src/registry/follow.ts', 'if (!/^https?:$/.test(url.protocol)) throw', "if (url.protocol === 'x:') throw"],
    ],
    red: [[redirects, 'of an upload to %s is not followed']],
  },
  {
    without: 'an upload goes on where strangers may lead',
    edits: [
      [
        'src/registry/endpoint.ts',
        'const guard = elsewhere ? await',
        'const guard = elsewhere && url.port === "1" ? await',
      ],
    ],
    red: [[redirects, 'of an upload to %s is not followed']],
  },
  {
    without: 'who takes an upload gets no credentials',
    edits: [
      ['src/registry/endpoint.ts', 'const own = url.origin === this.base.origin\n', 'const own = url.origin !== ""\n'],
    ],
    red: [[redirects, 'of an upload gets what is uploaded, and no credentials, also where it asks for them']],
  },
  {
    without: 'redirects are counted',
    edits: [['src/registry/follow.ts', 'const maxRedirects = 5', 'const maxRedirects = 50']],
    red: [[redirects, 'that never ends is given up']],
  },
  {
    without: 'who has a foreign layer gets no credentials',
    edits: [
      [
        'src/registry/download-foreign.ts',
        "headers: { 'accept-encoding': 'identity' }",
        "headers: { authorization: 'Basic dGVzdHM6c2VjcmV0' }",
      ],
    ],
    red: [
      [redirects, 'a layer from elsewhere is asked for without credentials, whatever is answered (CVE-2020-15157)'],
    ],
  },
  {
    without: 'a token realm is checked',
    edits: [
      ['src/registry/token-service.ts', 'if (!/^https?:$/.test(url.protocol))', "if (url.protocol === 'x:')"],
      [
        'src/registry/token-service.ts',
        "if (url.username !== '' || url.password !== '') throw",
        "if (url.protocol === 'x:') throw",
      ],
      [
        'src/registry/token-service.ts',
        "url.protocol === 'http:' && registry.protocol === 'https:'",
        "url.protocol === 'x:'",
      ],
      [
        'src/registry/address-guard.ts',
        "if (kind !== 'other' && !this.#allowed.has(kind)) throw",
        "if (kind === 'x' as string && !this.#allowed.has(kind)) throw",
      ],
    ],
    red: [
      [redirects, 'on http gets nothing when the registry is on https'],
      [redirects, 'a token realm'],
      [
        'unit/registry/addresses-are-told-apart',
        'of a registry on this machine lets it lead there, and not to metadata services',
      ],
    ],
  },
  {
    without: 'indexes nest a few levels deep',
    edits: [['src/image/image-content.ts', 'depth >= maxNesting', 'depth >= 1000 + maxNesting']],
    red: [[images, 'of indexes within indexes is given up']],
  },
  {
    without: 'layers are counted',
    edits: [['src/oci/manifest.ts', 'export const maxLayers = 1024', 'export const maxLayers = 1e6']],
    red: [[images, 'of thousands of layers is refused before the first']],
  },
  {
    without: 'what a document says that it is has to fit',
    edits: [
      [
        'src/oci/manifest.ts',
        'own !== undefined && type.expected !== undefined && own !== type.expected',
        'own === "none"',
      ],
    ],
    red: [['unit/oci/hostile-documents-are-refused', 'is refused when announced as something else']],
  },
  {
    without: 'a manifest that is an index, too, is neither',
    edits: [
      ['src/oci/manifest.ts', "foreign: ['manifests', 'fsLayers']", "foreign: ['fsLayers']"],
      ['src/oci/image-index.ts', "foreign: ['config', 'layers', 'fsLayers']", "foreign: ['fsLayers']"],
    ],
    red: [[images, 'whose document is manifest and index at once is refused, announced as %s (CVE-2021-41190)']],
  },
  {
    without: 'pages of a list are remembered',
    edits: [
      ['src/registry/list-tags.ts', 'next !== null && seen.has(next.href)', 'next !== null && seen.has("")'],
      ['src/registry/list-tags.ts', 'const maxPages = 10_000', 'const maxPages = 1e9'],
      ['src/registry/list-referrers.ts', 'seen.has(next.href) || found.length > maxReferrers', 'seen.has("")'],
    ],
    red: [
      [lists, 'that goes in circles is refused'],
      [lists, 'that go in circles, or have digests that are none, are refused'],
    ],
  },
  {
    without: 'an answer has a time to come in',
    edits: [
      [
        'src/registry/exchange.ts',
        'stop.abort(stalled(url.host, timeoutMs)), timeoutMs',
        'stop.abort(stalled(url.host, timeoutMs)), 1e8',
      ],
    ],
    red: [[stalls, 'when it sends the head of its answer byte by byte']],
  },
  {
    without: 'tries that bring nothing are counted',
    edits: [['src/registry/download-blob.ts', 'const fruitlessTries = 5', 'const fruitlessTries = 50']],
    red: [[stalls, 'when a blob stops at 99 %, after as many tries as make sense; what came is kept']],
  },
  {
    without: 'a challenge has no control characters',
    edits: [['src/registry/challenge.ts', String.raw`[^"\\\x00-\x08\x0a-\x1f\x7f]`, String.raw`[^"\\]`]],
    red: [[secrets, 'a challenge']],
  },
  {
    without: 'a helper is a name',
    edits: [
      [
        'src/registry/credential-helper.ts',
        'if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(helper)) throw',
        "if (helper === 'none') throw",
      ],
    ],
    red: [[secrets, 'a credential helper is a name']],
  },
  {
    without: 'what is sent back is cleaned of secrets',
    edits: [['src/registry/secrets.ts', 'if (secret.length >= 4) clean', 'if (secret.length >= 4000) clean']],
    red: [
      [secrets, 'a secret is in no error'],
      [secrets, 'a secret is in no log'],
    ],
  },
]
