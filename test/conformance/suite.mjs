// SPDX-License-Identifier: Apache-2.0
// The validation suite of the OCI runtime specification, from Debian's source package of it: its binary package has only the libraries. What it
// imports comes from Debian's packages too, but for the writer of its results, which is in tap-go/.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, Stop } from '../../scripts/lib/run.mjs'

const source = 'golang-github-opencontainers-runtime-tools'
// The suite of bookworm is older, and is not on every mirror.
const origin = 'deb-src http://deb.debian.org/debian trixie main\n'
const imports = 'src/github.com'

// With lists of its own: what the machine installs from is not changed.
const download = (directory) => {
  const state = join(directory, 'apt')
  mkdirSync(join(state, 'lists/partial'), { recursive: true })
  writeFileSync(join(state, 'sources.list'), origin)
  const settings = {
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::Lists': join(state, 'lists'),
    'APT::Sandbox::User': '',
  }
  const options = ['-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])]
  const quiet = { cwd: state, stdio: ['ignore', 'ignore', 'inherit'] }
  must('apt-get', [...options, 'update'], quiet)
  must('apt-get', [...options, 'source', '--tar-only', '--download-only', source], quiet)
  const archive = readdirSync(state).find((name) => name.includes('.orig.tar.'))
  if (!archive) throw new Stop(`apt-get source ${source} left no archive`)
  return join(state, archive)
}

const unpack = (directory) => {
  const suite = join(directory, imports, 'opencontainers/runtime-tools')
  mkdirSync(suite, { recursive: true })
  must('tar', ['--extract', '--file', download(directory), '--strip-components=1', '--directory', suite])
  const tap = new URL('tap-go', import.meta.url)
  cpSync(tap, join(directory, imports, 'mndrix/tap-go'), { recursive: true })
  return suite
}

const compile = (directory, suite) => {
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOFLAGS: '',
    GOPATH: `${directory}:/usr/share/gocode`,
    GOCACHE: join(directory, 'cache'),
    // They are run in root file systems of a busybox.
    CGO_ENABLED: '0',
  }
  for (const [output, what] of [
    [join(suite, 'runtimetest'), './cmd/runtimetest'],
    [`${join(suite, 'programs')}/`, './validation/...'],
  ])
    must('go', ['build', '-o', output, what], { cwd: suite, env })
}

/** Made once in `directory`. Returns where its programs are to be run, and their names. */
export const ensureSuite = (directory) => {
  if (!existsSync(directory)) {
    const part = `${directory}-part`
    rmSync(part, { recursive: true, force: true })
    mkdirSync(part, { recursive: true })
    compile(part, unpack(part))
    rmSync(join(part, 'cache'), { recursive: true })
    renameSync(part, directory)
  }
  const suite = join(directory, imports, 'opencontainers/runtime-tools')
  return { suite, programs: readdirSync(join(suite, 'programs')).sort() }
}
