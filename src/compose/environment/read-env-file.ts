// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import { readText } from '../document/read-text.js'
import { type Interpolation, TemplateError } from './interpolate.js'
import { DotenvError, parseDotenv } from './parse-dotenv.js'
import { parseRawEnv } from './parse-raw-env.js'

/** An env file to read. */
export interface EnvFile {
  readonly path: string
  readonly format?: string | undefined
  readonly interpolation: Interpolation
  readonly signal?: AbortSignal | undefined
}

const maximalBytes = 4 * 1024 * 1024

/** The variables of the file. Rejects with ERR_COMPOSE_INVALID, with the line where it is one line's fault. */
export async function readEnvFile({ path, format, interpolation, signal }: EnvFile): Promise<Map<string, string>> {
  if (format !== undefined && format !== '' && format !== 'raw') {
    throw composeInvalid({
      file: path,
      problem: `there is no format '${format}' of env files`,
      hint: "leave it out, or give 'raw'",
    })
  }
  const text = await readText({ path, maxBytes: maximalBytes, signal })
  if (format === 'raw') return parseRawEnv(text, interpolation.lookup)
  try {
    return parseDotenv(text, interpolation)
  } catch (cause) {
    if (cause instanceof DotenvError)
      throw composeInvalid({ at: { file: path, line: cause.line, column: 1 }, problem: cause.message, cause })
    if (cause instanceof TemplateError) throw composeInvalid({ file: path, problem: cause.message, cause })
    throw cause
  }
}

/** Whether the error says that there is no such file. */
export const isMissingFile = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as { cause?: NodeJS.ErrnoException }).cause?.code ?? '')
