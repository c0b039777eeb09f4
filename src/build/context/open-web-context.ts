// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { withoutCredentials } from '../git/git-address.js'
import type { BuildContext } from './build-context.js'
import { fetchFile } from './fetch-file.js'
import { openArchiveContext } from './open-archive-context.js'
import { openFileContext } from './open-file-context.js'
import { openWebFiles } from './open-web-files.js'

/** What an address of the web turned out to be. */
export interface WebContext {
  readonly context: BuildContext
  /** Whether it is one file, called `Dockerfile`, and no archive. */
  readonly isDockerfile: boolean
}

/**
 * What is at an address of the web as a context: the files of a tar (plain, gzip or zstd), or one file that is the Dockerfile itself. Fails as {@link fetchFile}
 * does; ERR_UNSUPPORTED for archives by bzip2 and xz.
 */
export async function openWebContext(context: LayerContext, url: string, signal: AbortSignal): Promise<WebContext> {
  const lease = await context.store.lease(signal)
  // The caller names it: it may be on this machine.
  const web = await openWebFiles({ hostNetwork: true })
  try {
    const name = withoutCredentials(url)
    return await fetchFile(context, { url, web }, signal, async ({ file }) => {
      const kind = await kindOf(file)
      if (kind === 'other archive') throw unsupported(name)
      if (kind === 'archive') {
        const source = file.createReadStream({ start: 0, autoClose: false })
        return { context: await openArchiveContext(context, source, { name, signal }), isDockerfile: false }
      }
      return { context: await openFileContext(context, { file, name: 'Dockerfile' }, signal), isDockerfile: true }
    })
  } finally {
    await web.close()
    await lease.release()
  }
}

const magics: readonly (readonly [hex: string, kind: 'archive' | 'other archive'])[] = [
  ['1f8b', 'archive'],
  ['28b52ffd', 'archive'],
  ['425a68', 'other archive'],
  ['fd377a585a00', 'other archive'],
]

async function kindOf(file: FileHandle): Promise<'archive' | 'other archive' | 'text'> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
  const hex = buffer.subarray(0, bytesRead).toString('hex')
  const known = magics.find(([magic]) => hex.startsWith(magic))
  if (known) return known[1]
  return bytesRead === 512 && buffer.toString('latin1', 257, 262) === 'ustar' ? 'archive' : 'text'
}

function unsupported(name: string): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${quoted(name, 300)} is an archive by bzip2 or xz`,
    object: name,
    hint: 'pack it with gzip or zstd',
  })
}
