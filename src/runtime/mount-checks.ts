// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import type { BindMount, ImageMount, Mount, TmpfsMount, VolumeMount } from './mount-options.js'
import { optionCheck } from './option-checks.js'

// What lies there is the kernel's view of this container; a file system over it would fool those who trust it (CVE-2019-19921).
const protectedTargets = /^\/(|proc(\/.*)?|sys(\/.*)?|dev|dev\/(pts|mqueue)(\/.*)?)?$/

const target: Check = (value, option) => {
  optionCheck.absolutePath(value, option)
  const path = value as string
  if (path.split('/').includes('..')) throw invalidArgument(option, `${quoted(path)} contains ..`)
  if (isProtectedTarget(path)) throw invalidArgument(option, `nothing can be mounted over ${quoted(path)}`)
}

const subpath: Check = (value, option) => {
  check.nonEmptyString(value, option)
  const path = value as string
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw invalidArgument(option, `${quoted(path)} is no relative path without ..`)
}

const type = check.required(check.oneOf('bind', 'tmpfs', 'volume', 'image'))
const shapes: { readonly [K in Mount['type']]: Shape<Extract<Mount, { type: K }>> } = {
  bind: {
    type,
    source: check.required(optionCheck.absolutePath),
    target: check.required(target),
    readonly: check.boolean,
    createSource: check.boolean,
    subpath,
    recursive: check.boolean,
    propagation: check.oneOf('private', 'slave'),
  } satisfies Shape<BindMount>,
  tmpfs: {
    type,
    target: check.required(target),
    size: check.byteSize,
    mode: check.integer({ min: 0, max: 0o7777 }),
    uid: check.integer({ min: 0, max: 2 ** 31 - 1 }),
    gid: check.integer({ min: 0, max: 2 ** 31 - 1 }),
    exec: check.boolean,
    readonly: check.boolean,
  } satisfies Shape<TmpfsMount>,
  volume: {
    type,
    source: optionCheck.name,
    target: check.required(target),
    readonly: check.boolean,
    nocopy: check.boolean,
    subpath,
  } satisfies Shape<VolumeMount>,
  image: {
    type,
    source: check.required(check.nonEmptyString),
    target: check.required(target),
    subpath,
  } satisfies Shape<ImageMount>,
}

/** Refuses what is no list of mounts, or has two for one place. */
export const checkMounts: Check = (value, option) => {
  check.arrayOf(checkMount, 1024)(value, option)
  const seen = new Set<string>()
  for (const [index, mount] of (value as readonly Mount[]).entries()) {
    const place = mountTarget(mount.target)
    if (seen.has(place)) throw invalidArgument(`${option}[${index}].target`, `${quoted(place)} has a mount already`)
    seen.add(place)
  }
}

/** Whether that is the root itself, or a place where the kernel shows what others trust. */
export function isProtectedTarget(path: string): boolean {
  return protectedTargets.test(mountTarget(path))
}

/** The place of a mount in one spelling: no doubled, no trailing slashes. */
export function mountTarget(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

const objectForm = "write { type: 'bind', source: '/on/the/host', target: '/inside' }, or type: 'volume' and its name"

function checkMount(value: unknown, option: string): void {
  if (typeof value !== 'object' || value === null)
    throw invalidArgument(option, `expected an object, got ${quoted(value)}`, objectForm)
  const kind: unknown = Reflect.get(value, 'type')
  type(kind, `${option}.type`)
  checkOptions(value, shapes[kind as Mount['type']] as Shape<Mount>, option)
}
