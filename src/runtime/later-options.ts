// SPDX-License-Identifier: Apache-2.0

// Options whose machinery is still to come. They are known, so that they are refused by name (ERR_UNSUPPORTED), never ignored.

/** A published port: the container's, `'8080:80'`, `'127.0.0.1::5432/tcp'`, or in parts. */
export type PortSpec =
  | number
  | string
  | {
      /** The port inside. */
      readonly container: number
      /** The port of the host; any free one by default. */
      readonly host?: number | undefined
      /** Of the host; 127.0.0.1 by default. */
      readonly address?: string | undefined
      /** TCP by default. */
      readonly protocol?: 'tcp' | 'udp' | 'sctp' | undefined
    }
