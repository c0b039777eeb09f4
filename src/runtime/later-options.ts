// SPDX-License-Identifier: Apache-2.0

// Options whose machinery is still to come. They are known, so that they are refused by name (ERR_UNSUPPORTED), never ignored.

/** A published port: the container's, `'8080:80'`, `'127.0.0.1::5432/tcp'`, or in parts. */
export type PortSpec =
  | number
  | string
  | {
      readonly container: number
      readonly host?: number | undefined
      readonly address?: string | undefined
      readonly protocol?: 'tcp' | 'udp' | 'sctp' | undefined
    }

/** How to find out whether the container is well. */
export interface Healthcheck {
  readonly test: readonly string[]
  readonly intervalMs?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly startPeriodMs?: number | undefined
  readonly retries?: number | undefined
}

/** A file to be put into the container's file system before it starts. */
export interface InjectedFile {
  readonly path: string
  readonly content: string | Uint8Array
  readonly mode?: number | undefined
}

export type RestartPolicy = 'no' | 'always' | 'on-failure' | 'unless-stopped'
