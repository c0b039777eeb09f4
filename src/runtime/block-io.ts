// SPDX-License-Identifier: Apache-2.0
import type { BlockIoSpec, ThrottleSpec } from '../oci/runtime-spec-linux.js'
import { parseByteSize } from '../util/byte-size.js'
import type { IoLimits } from './container-option-parts.js'

/** Numbers of block devices by their path. */
export type BlockDevices = ReadonlyMap<string, { readonly major: number; readonly minor: number }>

/** The devices that the limits name. */
export function ioDevices(io: IoLimits | undefined): readonly string[] {
  if (io === undefined) return []
  const { weights, readBps, writeBps, readIops, writeIops } = io
  return [weights, readBps, writeBps, readIops, writeIops].flatMap((rates) => Object.keys(rates ?? {}))
}

/** The limits as OCI has them. */
export function blockIo(io: IoLimits, devices: BlockDevices): BlockIoSpec {
  const numbers = (path: string) => devices.get(path) ?? { major: 0, minor: 0 }
  const throttle = (option: string, rates: Readonly<Record<string, number | string>>): readonly ThrottleSpec[] =>
    Object.entries(rates).map(([path, rate]) => ({
      ...numbers(path),
      rate: parseByteSize(rate, `io.${option}.${path}`),
    }))
  return {
    ...(io.weight !== undefined && { weight: io.weight }),
    ...(io.weights && {
      weightDevice: Object.entries(io.weights).map(([path, weight]) => ({ ...numbers(path), weight })),
    }),
    ...(io.readBps && { throttleReadBpsDevice: throttle('readBps', io.readBps) }),
    ...(io.writeBps && { throttleWriteBpsDevice: throttle('writeBps', io.writeBps) }),
    ...(io.readIops && { throttleReadIOPSDevice: throttle('readIops', io.readIops) }),
    ...(io.writeIops && { throttleWriteIOPSDevice: throttle('writeIops', io.writeIops) }),
  }
}
