// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const output = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] })

/** What binutils' readelf and nm tell of a program or a library; they read those of any processor. */
export interface NativeBinary {
  readonly machine: string
  /** Shared libraries that it loads, and the interpreter where it has one. */
  readonly needed: readonly string[]
  readonly exported: readonly string[]
  /** Of glibc, by the symbols that it takes from there; `[0, 0]` where there are none. */
  readonly glibc: readonly [number, number]
  readonly hardening: {
    readonly positionIndependent: boolean
    readonly readOnlyRelocations: boolean
    readonly boundAtLoad: boolean
    readonly stackNotExecutable: boolean
    readonly stackProtected: boolean
    readonly stripped: boolean
    readonly noSearchPath: boolean
  }
  /** Printable texts in it. */
  readonly text: string
}

const newest = (dynamic: string): readonly [number, number] => {
  const versions = [...dynamic.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(
    ([, major, minor]) => [Number(major), Number(minor)] as const,
  )
  return versions.reduce((a, b) => (b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a), [0, 0] as const)
}

/** Reads the file at `path`. */
export const readNativeBinary = (path: string): NativeBinary => {
  const header = output('readelf', ['--file-header', '--wide', path])
  const segments = output('readelf', ['--program-headers', '--wide', path])
  const dynamic = output('readelf', ['--dynamic', '--wide', path])
  const sections = output('readelf', ['--section-headers', '--wide', path])
  const text = readFileSync(path, 'latin1').replace(/[^\x20-\x7e]+/g, '\n')
  const interpreter = /Requesting program interpreter: ([^\]]+)/.exec(segments)?.[1]
  return {
    machine: /Machine:\s*(.*)/.exec(header)?.[1] ?? '',
    needed: [
      ...[...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name ?? ''),
      ...(interpreter === undefined ? [] : [interpreter]),
    ],
    exported: output('nm', ['--dynamic', '--defined-only', '--format=just-symbols', path])
      .split('\n')
      .filter(Boolean)
      .sort(),
    glibc: newest(output('readelf', ['--version-info', '--wide', path])),
    hardening: {
      positionIndependent: /Type:\s*DYN/.test(header),
      readOnlyRelocations: /GNU_RELRO/.test(segments),
      boundAtLoad: /BIND_NOW/.test(dynamic),
      stackNotExecutable: /GNU_STACK.* RW /.test(segments),
      // Of a static program the message is left of it, of a library the symbol.
      stackProtected: /stack smashing detected|__stack_chk_fail/.test(text),
      stripped: !/\.(symtab|debug_\w+)\b/.test(sections),
      noSearchPath: !/\((RPATH|RUNPATH)\)/.test(dynamic),
    },
    text,
  }
}
