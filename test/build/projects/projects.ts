// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Dockerfile of the kind that people write, with its context below test/fixtures/build/projects. */
export interface Project {
  /** Of the directory. */
  readonly name: string
  readonly tag: string
  /** Images that its Dockerfile builds on: other projects' tags, or `tsc-test/debian:1` and `tsc-test/toolchain:1`, tars of the test fixtures. */
  readonly bases: readonly string[]
  /** More contexts by name: a directory, or a file that is alone in its context. */
  readonly contexts?: () => Readonly<Record<string, string>>
  /** Whether commands in it reach Debian's or npm's servers. */
  readonly downloads: boolean
  /** What a container of it prints, by its own command. */
  readonly prints?: string
}

/** The directory of a project. */
export const projectContext = ({ name }: Project): string =>
  fileURLToPath(new URL(`../../fixtures/build/projects/${name}`, import.meta.url))

/** What Docker's image of it says of itself, where that was recorded. */
export const projectGolden = ({ name }: Project): string =>
  fileURLToPath(new URL(`../../fixtures/build/project-goldens/${name}.json`, import.meta.url))

const nodeOfTheHost = () => ({
  'node-bin': realpathSync(process.execPath),
  'npm-lib': join(execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim(), 'npm'),
  authorities: '/etc/ssl/certs/ca-certificates.crt',
})

/** In an order in which they can be built. */
export const projects: readonly Project[] = [
  {
    name: 'c-program',
    tag: 'tsc-test/c-program:1',
    bases: ['tsc-test/toolchain:1'],
    downloads: false,
    prints: 'hello from a static program\n',
  },
  {
    name: 'node-base',
    tag: 'tsc-test/node:1',
    bases: ['tsc-test/debian:1'],
    contexts: nodeOfTheHost,
    downloads: false,
  },
  {
    name: 'node-app',
    tag: 'tsc-test/node-app:1',
    bases: ['tsc-test/node:1'],
    downloads: true,
    prints: 'the app is ready\n',
  },
  {
    name: 'python-app',
    tag: 'tsc-test/python-app:1',
    bases: ['tsc-test/debian:1'],
    downloads: true,
    prints: 'hello from Python\n',
  },
  /** Its context wants a `ca.crt`, which signs for archive.apache.org. */
  { name: 'centos', tag: 'centos:centos7.4.1708', bases: ['tsc-test/toolchain:1'], downloads: false },
  /** Somebody's own, as it stands. Wants the build argument https_proxy: an ArchiveProxy with apacheArchive(). */
  {
    name: 'apache',
    tag: 'tsc-test/apache:1',
    bases: ['centos:centos7.4.1708'],
    downloads: false,
    prints: 'started as nobody in /data for BRAVECOMPANY\nServer version: Apache/2.4.10 (stand-in)\n',
  },
]
