// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path'
import loadBinding from 'pkg-prebuilds'
import { compileHint } from './compile-hint.js'
import { packageRoot } from './package-root.js'
import { unsupported } from './unsupported.js'

export interface NativeFiles {
  readonly addon: string
  readonly supervisor: string
}

// What the library's declarations leave out: where an addon lies, without loading it.
interface Finder {
  resolve(base: string, options: loadBinding.Options, verify: boolean, throwOnMissing: boolean): string | null
}
const { resolve } = loadBinding as unknown as Finder
const binding = { name: 'tscontainer', napi_versions: [8] }

let files: NativeFiles | undefined

/**
 * The addon and the supervisor beside it: what was built here, else what was delivered, since whoever builds wants that.
 * ERR_HOST_UNSUPPORTED where there is none for this machine.
 */
export function nativeFiles(): NativeFiles {
  files ??= findNativeFiles()
  return files
}

function findNativeFiles(): NativeFiles {
  refuseForeignSystems()
  const root = packageRoot()
  const addon = resolve(root, binding, false, false)
  if (addon === null)
    throw unsupported(`no native part for linux-${process.arch} in ${root}`, `to compile one ${compileHint()}`)
  // The variables are for tests: what was built with sanitizers (npm run test:sanitizers).
  return {
    addon: process.env.TSCONTAINER_ADDON ?? addon,
    supervisor: process.env.TSCONTAINER_SUPERVISOR ?? join(dirname(addon), 'tscontainer-supervisor'),
  }
}

function refuseForeignSystems(): void {
  if (process.platform !== 'linux') {
    throw unsupported(
      `containers need Linux; this is ${process.platform}`,
      'run this program on Linux or in a Linux virtual machine',
    )
  }
  // Its libuv is a set of stubs, the missing ones of which end the process.
  if (process.versions.bun !== undefined) {
    throw unsupported(
      `Bun ${process.versions.bun} cannot run the native part: it lacks uv_poll_init of libuv (oven-sh/bun#18546)`,
      'run this program with Node 20 or newer',
    )
  }
}
