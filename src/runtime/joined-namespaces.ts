// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { ContainerOptions } from './container-options.js'

/** The kinds of namespaces that containers can share, as the runtime specification calls them; the options are named so too. */
export const joinableKinds = ['network', 'pid', 'ipc', 'uts'] as const
export type JoinableKind = (typeof joinableKinds)[number]

/** Namespaces of another container that a container shares. */
export interface JoinedNamespaces {
  /** Its id. */
  readonly container: string
  readonly namespaces: readonly JoinableKind[]
  /** That of the other container, which owns the namespaces: who shares them is in it too. */
  readonly userns: 'private' | 'host'
}

const prefix = 'container:'

/** The id or name in `container:<id>`; undefined where another container is not meant. */
export function joinedContainer(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(prefix) ? value.slice(prefix.length) : undefined
}

// What an option says of a namespace that is another container's.
const contradictions: readonly (readonly [JoinableKind, keyof ContainerOptions])[] = [
  ['uts', 'hostname'],
  ['uts', 'domainname'],
  ['ipc', 'shmSize'],
  ['network', 'extraHosts'],
  ['network', 'dns'],
  ['network', 'dnsSearch'],
  ['network', 'dnsOptions'],
  ['network', 'ports'],
  ['network', 'rate'],
  ['network', 'links'],
  ['network', 'egress'],
]

/** Refuses options about what belongs to another container. */
export function checkJoined(options: ContainerOptions): void {
  for (const [kind, key] of contradictions) {
    const other = joinedContainer(options[kind])
    if (other !== undefined && options[key] !== undefined)
      throw invalidArgument(key, `belongs to container '${other}', whose ${kind} namespace is shared`)
  }
}

/** The one container that options name to share namespaces with, and what of it. */
export function joinRequest(
  options: ContainerOptions,
): { readonly container: string; readonly kinds: readonly JoinableKind[] } | undefined {
  if (!joinableKinds.some((kind) => joinedContainer(options[kind]) !== undefined)) return undefined
  const wanted = joinableKinds.flatMap((kind) => {
    const container = joinedContainer(options[kind])
    return container === undefined ? [] : [{ kind, container }]
  })
  const [first] = wanted
  if (!first) return undefined
  const another = wanted.find(({ container }) => container !== first.container)
  if (!another) return { container: first.container, kinds: wanted.map(({ kind }) => kind) }
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${another.kind}: namespaces of one other container can be shared, not those of '${first.container}' and '${another.container}'`,
    option: another.kind,
    hint: 'each container has a user namespace that owns its others, and a process is in one: let all share those of one container',
  })
}
