// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatPlatform, hostPlatform, normalizePlatform, type Platform } from '../oci/platform.js'

/** Why programs of a platform cannot be run, and what to do about it. */
export interface NoEmulator {
  readonly problem: string
  readonly hint: string
}

const registered = '/proc/sys/fs/binfmt_misc'

// e_machine, and whether words are of 64 bits (elf(5), binutils "elf/common.h"); big-endian ones apart.
const machines: Readonly<Record<string, readonly [machine: number, bits: 32 | 64, order?: 'big']>> = {
  '386': [3, 32],
  amd64: [62, 64],
  arm: [40, 32],
  arm64: [183, 64],
  loong64: [258, 64],
  mips64le: [8, 64],
  ppc64le: [21, 64],
  riscv64: [243, 64],
  s390x: [22, 64, 'big'],
}

/**
 * Why this machine cannot run programs of a platform; null where it can: they are its own, or the kernel knows an emulator for them
 * (binfmt_misc) that containers reach, which takes the flag F: it is opened when it is registered, not looked for in the image.
 */
export async function lacksEmulator(wanted: Platform, directory = registered): Promise<NoEmulator | null> {
  const { os, architecture } = normalizePlatform(wanted)
  const host = hostPlatform()
  if (os === host.os && architecture === host.architecture) return null
  const program = os === 'linux' ? programHeader(architecture) : undefined
  const found = program ? (await formats(directory)).filter((format) => takes(format, program)) : []
  if (found.some(({ flags }) => flags.includes('F'))) return null
  const platform = formatPlatform(wanted)
  const machine = formatPlatform(host)
  const [unreachable] = found
  return {
    problem: unreachable
      ? `the emulator for ${platform}, ${unreachable.interpreter}, is not reached from containers: it is registered without the flag F`
      : `programs for ${platform} cannot be run on this machine (${machine})`,
    hint: `as root: apt-get install qemu-user-static; or compile on this machine: FROM --platform=$BUILDPLATFORM`,
  }
}

interface Format {
  readonly interpreter: string
  readonly flags: string
  readonly offset: number
  readonly magic: Buffer
  readonly mask: Buffer | null
}

// What is not mounted, or not readable, has none.
async function formats(directory: string): Promise<readonly Format[]> {
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => '')
  if ((await read('status')).trim() !== 'enabled') return []
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(names.filter((name) => name !== 'register' && name !== 'status').map(read))
  return texts.flatMap(parseFormat)
}

// Linux, Documentation/admin-guide/binfmt-misc.rst.
function parseFormat(text: string): readonly Format[] {
  const value = (key: string) => new RegExp(`^${key}:? (.*)$`, 'm').exec(text)?.[1]
  const magic = value('magic')
  const interpreter = value('interpreter')
  if (!/^enabled$/m.test(text) || !magic || !interpreter) return []
  const mask = value('mask')
  return [
    {
      interpreter,
      flags: value('flags') ?? '',
      offset: Number(value('offset') ?? 0),
      magic: Buffer.from(magic, 'hex'),
      mask: mask === undefined ? null : Buffer.from(mask, 'hex'),
    },
  ]
}

function takes({ offset, magic, mask }: Format, program: Buffer): boolean {
  return magic.every((byte, at) => {
    const bits = mask?.[at] ?? 0xff
    return (byte & bits) === ((program[offset + at] ?? 0) & bits)
  })
}

// The beginning of an executable (elf(5)).
function programHeader(architecture: string): Buffer | undefined {
  const known = Object.hasOwn(machines, architecture) ? machines[architecture] : undefined
  const [machine, bits, order = 'little'] = known ?? []
  if (machine === undefined) return undefined
  const executable = 2
  const header = Buffer.alloc(20)
  header.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, order === 'little' ? 1 : 2, 1])
  const write = (value: number, at: number) =>
    order === 'little' ? header.writeUInt16LE(value, at) : header.writeUInt16BE(value, at)
  write(executable, 16)
  write(machine, 18)
  return header
}
