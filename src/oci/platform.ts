// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Fields } from './fields.js'

/** What an image runs on, in Go's words: `linux`, `amd64`, `arm` with variant `v7`. */
export interface Platform {
  /** Go's name: `linux`. */
  readonly os: string
  /** Go's name: `amd64`, `arm64`. */
  readonly architecture: string
  /** Of the processor: `v8`. */
  readonly variant?: string | undefined
  /** For Windows. */
  readonly osVersion?: string | undefined
  /** For Windows. */
  readonly osFeatures?: readonly string[] | undefined
}

const architectureAliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  x64: ['amd64'],
  i386: ['386'],
  i686: ['386'],
  ia32: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  ppc64el: ['ppc64le'],
  loongarch64: ['loong64'],
}

/** The platform in one spelling: aliases resolved, the variant left out where it is the ordinary one. */
export function normalizePlatform(platform: Platform): Platform {
  const given = platform.architecture.toLowerCase()
  const known = Object.hasOwn(architectureAliases, given) ? architectureAliases[given] : undefined
  const [architecture, implied] = known ?? [given]
  const variant = normalizeVariant(architecture, platform.variant?.toLowerCase() || implied)
  const os = platform.os.toLowerCase()
  const { osVersion, osFeatures } = platform
  return {
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    ...(variant && { variant }),
    ...(osVersion && { osVersion }),
    ...(osFeatures?.length && { osFeatures }),
  }
}

function normalizeVariant(architecture: string, variant: string | undefined): string | undefined {
  const long = variant && /^\d+$/.test(variant) ? `v${variant}` : variant
  if (architecture === 'arm') return long ?? 'v7'
  if (architecture === 'arm64' && (long === 'v8' || long === 'v8.0')) return undefined
  if (architecture === 'amd64' && long === 'v1') return undefined
  return long
}

/** `linux/amd64`, `linux/arm/v7`, or only an architecture. Refused with ERR_INVALID_ARGUMENT naming `option`. */
export function parsePlatform(text: unknown, option = 'platform'): Platform {
  const match =
    typeof text === 'string'
      ? /^(?:([a-z0-9_-]{1,64})\/)?([a-z0-9_-]{1,64})(?:\/([a-z0-9._-]{1,64}))?$/i.exec(text)
      : null
  const [, os = 'linux', architecture, variant] = match ?? []
  if (!architecture || /^(linux|windows|darwin|freebsd)$/i.test(architecture)) {
    throw invalidArgument(
      option,
      `${quoted(text)} is not a platform`,
      'write os/architecture[/variant]: linux/arm64, linux/arm/v7',
    )
  }
  return normalizePlatform({ os, architecture, variant })
}

/** `linux/arm/v7`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

/** The platform of this machine's containers: Linux, with Node's own architecture. */
export function hostPlatform(): Platform {
  const arm = process.arch === 'arm' ? Reflect.get(process.config.variables, 'arm_version') : undefined
  return normalizePlatform({
    os: 'linux',
    architecture: process.arch,
    variant: typeof arm === 'string' ? `v${arm}` : undefined,
  })
}

/** The members of a descriptor's or config's platform, null where there is none. */
export function readPlatform(fields: Fields): Platform {
  return normalizePlatform({
    os: fields.required('os', fields.string('os')),
    architecture: fields.required('architecture', fields.string('architecture')),
    variant: fields.string('variant'),
    osVersion: fields.string('os.version'),
    osFeatures: fields.strings('os.features', 64),
  })
}

/** The platform as JSON members of a descriptor or config. */
export function platformToJson(platform: Platform): Record<string, unknown> {
  const { os, architecture, variant, osVersion, osFeatures } = platform
  return {
    architecture,
    os,
    ...(osVersion && { 'os.version': osVersion }),
    ...(osFeatures && { 'os.features': osFeatures }),
    ...(variant && { variant }),
  }
}
