// SPDX-License-Identifier: Apache-2.0
// The libFuzzer program of test/fuzz: its build in build/fuzz, its runs, and the inputs that it finds.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackages, fuzzPackages, install, missing } from './packages.mjs'
import { top } from './paths.mjs'
import { must } from './run.mjs'

const dir = join(top, 'build/fuzz')
const program = join(dir, 'Release/tscontainer-fuzz')
const finds = join(dir, 'finds')
const corpora = join(top, 'test/fuzz/corpus')
const longestInput = 32_768
// What is kept has to stay readable, and small in all.
const longestKept = 4096
const mostKept = 24

/** Builds the program and returns the names of its targets. */
export const buildTargets = () => {
  install(missing([...buildPackages, ...fuzzPackages]))
  const compilers = ['-DCMAKE_CXX_COMPILER=clang++', '-DCMAKE_C_COMPILER=clang', '-DCMAKE_BUILD_TYPE=None']
  must('cmake', ['-S', top, '-B', dir, ...compilers, '-DTSC_FUZZ=ON', '-DTSC_ADDON=OFF'], { stdio: 'ignore' })
  must('cmake', ['--build', dir, '--parallel', '2', '--target', 'tscontainer-fuzz'])
  return listTargets()
}

export const listTargets = () => spawnSync(program, [], { encoding: 'utf8' }).stdout.trim().split('\n')

const environment = (name) => ({
  ...process.env,
  TSC_FUZZ_TARGET: name,
  ASAN_OPTIONS: 'detect_leaks=1:allocator_may_return_null=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
})

const lastNumber = (text, pattern) => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0)
const filesOf = (path) => (existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [])

/** Runs one target for that long, or until it finds something. */
export const runTarget = (name, seconds) =>
  new Promise((resolve, reject) => {
    const working = join(dir, 'corpus', name)
    for (const path of [working, finds]) mkdirSync(path, { recursive: true })
    const before = new Set(filesOf(finds))
    const dictionary = join(top, 'test/fuzz/dictionaries', `${name}.dict`)
    const args = [
      ...[working, join(corpora, name)],
      ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
      ...[`-max_total_time=${seconds}`, `-max_len=${longestInput}`, '-timeout=20', '-rss_limit_mb=2048'],
      ...['-print_final_stats=1', `-artifact_prefix=${finds}/${name}-`],
    ]
    const started = performance.now()
    const child = spawn('nice', ['-n', '19', program, ...args], {
      env: environment(name),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', reject).on('close', (status) => {
      const found = filesOf(finds).filter((path) => !before.has(path) && path.startsWith(`${finds}/${name}-`))
      if (status !== 0) console.error(output.slice(-6000))
      resolve({
        name,
        seconds: Math.round((performance.now() - started) / 1000),
        executions: lastNumber(output, /stat::number_of_executed_units:\s+(\d+)/g),
        edges: lastNumber(output, /cov: (\d+)/g),
        finds: status === 0 || found.length > 0 ? found : [`ended with ${status}`],
      })
    })
  })

/** Adds to test/fuzz/corpus what reaches more than is kept there: inputs of all sizes, and not many of them. */
export const keepInputs = (name) => {
  const working = join(dir, 'corpus', name)
  const chosen = join(dir, 'chosen', name)
  rmSync(chosen, { recursive: true, force: true })
  mkdirSync(chosen, { recursive: true })
  const kept = join(corpora, name)
  for (const path of filesOf(kept)) copyFileSync(path, join(chosen, path.slice(kept.length + 1)))
  const known = new Set(readdirSync(chosen))
  must(program, ['-merge=1', `-max_len=${longestKept}`, chosen, working], { env: environment(name), stdio: 'ignore' })
  const fresh = readdirSync(chosen).filter((file) => !known.has(file))
  const size = (file) => statSync(join(chosen, file)).size
  const room = Math.max(0, mostKept - known.size)
  // Of all sizes: small ones are easily read, large ones get far.
  const bySize = fresh.sort((one, other) => size(one) - size(other))
  const step = Math.max(1, bySize.length / Math.max(1, room))
  for (const file of bySize.filter((_, at) => Math.floor(at % step) === 0).slice(0, room)) {
    copyFileSync(join(chosen, file), join(kept, file))
  }
}
