// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from '../errors/log-entry.js'
import type { ByteSize } from '../util/byte-size.js'

/** Characters across and down. */
export interface TerminalSize {
  /** Characters in a line. */
  readonly columns: number
  /** Lines. */
  readonly rows: number
}

/** Limits of block devices, by the path of the device: `{ readBps: { '/dev/sda': '10m' } }`; per second. */
export interface IoLimits {
  /** Weight against others, 10 to 1000. */
  readonly weight?: number | undefined
  /** Weights on single devices, by the path of the device. */
  readonly weights?: Readonly<Record<string, number>> | undefined
  /** Bytes a second, by the path of the device: `/dev/sda`. */
  readonly readBps?: Readonly<Record<string, ByteSize>> | undefined
  /** Bytes a second, by the path of the device. */
  readonly writeBps?: Readonly<Record<string, ByteSize>> | undefined
  /** Requests a second, by the path of the device. */
  readonly readIops?: Readonly<Record<string, number>> | undefined
  /** Requests a second, by the path of the device. */
  readonly writeIops?: Readonly<Record<string, number>> | undefined
}

/** The names of setrlimit(2) without RLIMIT_, in lower case. */
export const ulimitNames = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const

/** A limit of setrlimit(2), without `RLIMIT_`: `nofile`. */
export type UlimitName = (typeof ulimitNames)[number]

/** In the unit of setrlimit(2): bytes, seconds or a count. */
export type UlimitValue = number | 'unlimited'

/** The two limits of setrlimit(2). */
export interface UlimitPair {
  /** What holds; the process may raise it up to the hard one. */
  readonly soft: UlimitValue
  /** What only privileged processes may raise. */
  readonly hard: UlimitValue
}

/** One number for both limits, or each by itself. */
export type Ulimits = {
  readonly [K in UlimitName]?: UlimitValue | UlimitPair | undefined
}

/** A device of the host, and where it is inside. */
export interface DeviceMapping {
  /** Its path on the host. */
  readonly source: string
  /** Below /dev; as on the host by default. */
  readonly target?: string | undefined
  /**
   * What of it can be used: of `r`, `w` and `m` (to make nodes of it, which a user namespace never allows); all by default. Less than `rw` is
   * held by a device cgroup alone: ERR_LIMIT_UNSUPPORTED where there is none. Who is privileged has all of it.
   */
  readonly permissions?: string | undefined
}

/** What is kept of the main process's output. */
export interface LogOptions {
  /**
   * `'file'` by default; `'none'` keeps nothing; `'callback'` tells `onEntry` and keeps nothing. Any other is a {@link LogDriver} among the
   * engine's plugins, which takes the lines elsewhere: nothing is kept here. Not with `detached`.
   */
  readonly driver?: 'file' | 'none' | 'callback' | (string & {}) | undefined
  /** For the driver; what they mean it says. Only with a plugin's. */
  readonly options?: Readonly<Record<string, string>> | undefined
  /**
   * Called for each line in order, those written before an end before its event. No line is lost: while this process is busy the container
   * waits, once a mebibyte and its pipes are full. What it throws is an uncaught exception. Not with `detached`, which outlives it.
   */
  readonly onEntry?: ((entry: LogEntry) => void) | undefined
  /** Of one file, then it is rotated; 64 MiB by default. */
  readonly maxSize?: ByteSize | undefined
  /** 2 by default. */
  readonly maxFiles?: number | undefined
}

/** Addresses by name: one, or several. */
export type ExtraHosts = Readonly<Record<string, string | readonly string[]>>

/** Pressure on a resource that is to be told of. */
export interface PressureLimit {
  /** What is waited for. */
  readonly resource: 'cpu' | 'memory' | 'io'
  /** `'some'`, the default: at least one task waits; `'full'`: all do that have something to do. */
  readonly kind?: 'some' | 'full' | undefined
  /** How long they wait within the window: 1 to `windowMs`. */
  readonly stallMs: number
  /** 2000 by default; 500 to 10,000. Without CAP_SYS_RESOURCE the kernel takes whole multiples of 2000 alone. */
  readonly windowMs?: number | undefined
}
