// SPDX-License-Identifier: Apache-2.0
// What tests need and cannot make quickly: a real Debian root filesystem, made once by mmdebstrap from the machine's own mirror.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { must } from './run.mjs'

const suite = () => /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm'

const shared = '/var/cache/tscontainer-test'
const place = () => (process.getuid() === 0 ? shared : join(homedir(), '.cache/tscontainer-test'))

/** The path of a tar with a minimal Debian, readable for everybody. TSC_TEST_DEBIAN overrides. */
export const ensureDebian = () => {
  const name = `debian-${suite()}.tar`
  const ready = [process.env.TSC_TEST_DEBIAN, join(shared, name), join(place(), name)].find(
    (path) => path && existsSync(path),
  )
  if (ready) return ready
  const tar = join(place(), name)
  mkdirSync(place(), { recursive: true, mode: 0o755 })
  const args = ['--variant=minbase', '--quiet', suite(), `${tar}.part.tar`]
  console.log(`+ mmdebstrap ${args.join(' ')}`)
  must('mmdebstrap', args, { cwd: '/' })
  chmodSync(`${tar}.part.tar`, 0o644)
  renameSync(`${tar}.part.tar`, tar)
  return tar
}
