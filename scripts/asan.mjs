// SPDX-License-Identifier: Apache-2.0
// The C++ tests with the address and undefined-behaviour sanitizers, in build/asan.
import { join } from 'node:path'
import { doctest, summarize } from './lib/counts.mjs'
import { buildPackages, install, missing, testPackages } from './lib/packages.mjs'
import { top } from './lib/paths.mjs'
import { must, script } from './lib/run.mjs'

await script(() => {
  install(missing([...buildPackages, ...testPackages.filter(({ name }) => name === 'doctest-dev')]))
  const dir = join(top, 'build/asan')
  const options = ['-DCMAKE_BUILD_TYPE=Debug', '-DTSC_TESTS=ON', '-DTSC_SANITIZE=ON', '-DTSC_ADDON=OFF']
  must('cmake', ['-S', top, '-B', dir, ...options])
  must('cmake', ['--build', dir, '--parallel', '2'])
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' }
  return summarize([doctest('C++ tests, sanitized', join(dir, 'Release/tscontainer-tests'), { env })])
})
