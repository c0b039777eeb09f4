// SPDX-License-Identifier: Apache-2.0
import type { HostWeakness } from '../errors/host-report.js'
import type { HostFiles } from './host-files.js'

type Series = `${number}.${number}`

// Errors of the kernel that were used to leave containers: the first release of each series that has the correction, and the first
// series that always had it. Of the kernel's own releases; who corrects older ones (Ubuntu, RHEL) counts differently and is not judged.
const corrections: readonly {
  readonly cve: string
  readonly fixed: Readonly<Record<Series, number>>
  readonly since: Series
}[] = [
  { cve: 'CVE-2022-0847', fixed: { '5.15': 25, '5.16': 11 }, since: '5.17' },
  { cve: 'CVE-2023-0386', fixed: { '5.15': 91, '6.1': 9 }, since: '6.2' },
  { cve: 'CVE-2024-1086', fixed: { '5.15': 149, '6.1': 76, '6.6': 15, '6.7': 3 }, since: '6.8' },
]

/** Errors of this kernel that are known and corrected elsewhere, and protection that it was built or started without. */
export async function kernelWeaknesses(files: HostFiles, release: string): Promise<readonly HostWeakness[]> {
  return [...versionOf(await upstreamRelease(files, release)), ...(await landlock(files))]
}

// Debian keeps `uname -r` at 6.1.0-NN and tells the release in /proc/version: "… Debian 6.1.76-1 (2024-02-01)".
async function upstreamRelease(files: HostFiles, release: string): Promise<string | undefined> {
  const debian = /Debian (\d+\.\d+\.\d+)-/.exec((await files.text('/proc/version')) ?? '')?.[1]
  if (debian !== undefined) return debian
  const [, version, patch] = /^(\d+\.\d+\.(\d+))/.exec(release) ?? []
  return patch === '0' ? undefined : version
}

function versionOf(release: string | undefined): readonly HostWeakness[] {
  if (release === undefined) return []
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number)
  const open = corrections.filter(({ fixed, since }) => {
    const [fixedMajor = 0, fixedMinor = 0] = since.split('.').map(Number)
    if (major > fixedMajor || (major === fixedMajor && minor >= fixedMinor)) return false
    return patch < (fixed[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY)
  })
  if (open.length === 0) return []
  const problem = `Linux ${release} has errors that were used to leave containers: ${open.map(({ cve }) => cve).join(', ')}`
  return [{ feature: 'kernel version', problem, fix: 'boot the newest release of a series that is maintained' }]
}

async function landlock(files: HostFiles): Promise<readonly HostWeakness[]> {
  const modules = await files.text('/sys/kernel/security/lsm')
  if (modules === undefined || modules.split(',').includes('landlock')) return []
  const problem = 'the workers that read layers and contexts are not held by Landlock as well'
  return [{ feature: 'landlock', problem, fix: `boot Linux 5.13 or newer with lsm=landlock,${modules}` }]
}
