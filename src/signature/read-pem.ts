// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Pem } from '../registry/registry-options.js'

/** The text of a key that is given as such or as the path of a file; ERR_INVALID_ARGUMENT naming the option. */
export async function readPem(pem: Pem, option: string): Promise<string> {
  if (typeof pem !== 'string') return Buffer.from(pem).toString('utf8')
  if (!pem.startsWith('/')) return pem
  try {
    return await readFile(pem, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw invalidArgument(option, `${pem} cannot be read: ${code ?? 'no file'}`)
  }
}
