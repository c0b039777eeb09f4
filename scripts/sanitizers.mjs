// SPDX-License-Identifier: Apache-2.0
// The address and undefined-behaviour sanitizers, in build/asan: over the C++ tests, and over a supervisor that integration tests drive. The
// thread sanitizer, in build/tsan: over the addon, in worker threads, which are the only threads there are.
//   npm run test:sanitizers [-- --all | file…]      other integration files than the chosen ones
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, doctest, summarize, vitest } from './lib/counts.mjs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { buildPackages, install, missing, testPackages } from './lib/packages.mjs'
import { top } from './lib/paths.mjs'
import { racesOfAddon } from './lib/races.mjs'
import { must, script } from './lib/run.mjs'
import { asUser, ensureUser, treeFor } from './lib/users.mjs'
import { setup } from './setup.mjs'

// Not those of memory limits: what the sanitizers need themselves counts as the container's.
const chosen = [
  'container/lifecycle-is-one-table',
  'container/containers-end-with-their-process',
  'container/detached-containers-outlive-their-process',
  'container/what-a-container-changed',
  'container/copy-snapshotter.test',
  'container/prune-leaves-what-is-being-made',
  'engine/a-store-belongs-to-one-run-directory',
  'image/root-directories-are-the-images',
  'exec/exec-collects-and-tells',
  'events/events-tell-a-life-in-order',
  'image/import-unpacks-a-root-file-system-once',
  'image/load-takes-what-other-tools-write',
  'image/trees-are-what-umoci-unpacks',
  'native/supervisor-serves-its-run-directory',
].map((name) => `test/integration/${name}`)

const dir = join(top, 'build/asan')
const reports = join(dir, 'reports')
const threads = join(top, 'build/tsan')

const configure = (directory, options) =>
  must('cmake', ['-S', top, '-B', directory, '-DCMAKE_BUILD_TYPE=Debug', ...options])

const build = () => {
  configure(dir, ['-DTSC_TESTS=ON', '-DTSC_SANITIZE=address', '-DTSC_ADDON=OFF'])
  must('cmake', ['--build', dir, '--parallel', '2'])
  configure(threads, ['-DTSC_TESTS=OFF', '-DTSC_SANITIZE=thread'])
  must('cmake', ['--build', threads, '--target', 'tscontainer', '--parallel', '2'])
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports)
  chmodSync(reports, 0o1777)
}

// What a process wrote before it ended, whether anybody noticed or not.
const reported = () => {
  const files = readdirSync(reports)
  for (const file of files) console.log(`${file}:\n${readFileSync(join(reports, file), 'utf8')}`)
  const failures = files.map((name) => ({ part: 'sanitizers', name }))
  return { passed: files.length === 0 ? 1 : 0, failures, refused: [] }
}

const driven = (files) => {
  const args = ['--project', 'integration', ...files]
  const envIn = (tree) => ({
    TSCONTAINER_SUPERVISOR: join(tree, 'build/asan/Release/tscontainer-supervisor'),
    ...ensureFixtures(),
    TSC_TEST_SLOW: '4',
    // A confined worker reaches no file to report to: it has its error output.
    TSCONTAINER_DEBUG: '1',
  })
  const asWhoRuns = vitest('sanitized supervisor', 'root', args, { env: { ...process.env, ...envIn(top) } })
  if (process.getuid() !== 0) return [asWhoRuns]
  const user = ensureUser('tsctest', { subordinateIds: true })
  const tree = treeFor(user)
  try {
    return [
      asWhoRuns,
      vitest(`sanitized supervisor as ${user.name}`, 'user', args, {
        tree: tree.path,
        ...asUser(user, envIn(tree.path)),
      }),
    ]
  } finally {
    tree.remove()
  }
}

const raced = () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-threads-'))
  const env = {
    ...process.env,
    LD_PRELOAD: 'libtsan.so.2',
    TSAN_OPTIONS: `exitcode=0 log_path=${join(scratch, 'report')}`,
    TSCONTAINER_ADDON: join(threads, 'Release/tscontainer.node'),
  }
  try {
    // Its shadow memory has fixed addresses, which a randomised layout may have taken (setarch(8), -R).
    const args = ['-R', process.execPath, join(top, 'test/sanitizers/threads.mjs'), scratch]
    const ran = check('addon in threads, sanitized', 'setarch', args, { env })
    const logs = readdirSync(scratch).filter((name) => name.startsWith('report'))
    const races = logs.flatMap((name) => racesOfAddon(readFileSync(join(scratch, name), 'utf8')))
    for (const race of races) console.log(race)
    return { ...ran, failures: [...ran.failures, ...races.map(() => ({ part: 'threads', name: 'a data race' }))] }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

await script(() => {
  const wanted = process.argv.slice(2)
  const files = wanted.includes('--all') ? ['test/integration'] : wanted.length > 0 ? wanted : chosen
  install(missing([...buildPackages, ...testPackages.filter(({ name }) => name === 'doctest-dev')]))
  setup({ tests: true })
  build()
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' }
  const tests = doctest('C++ tests, sanitized', join(dir, 'Release/tscontainer-tests'), { env })
  return summarize([tests, raced(), ...driven(files), reported()])
})
