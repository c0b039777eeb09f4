// SPDX-License-Identifier: Apache-2.0
// clang-tidy over the native code, as .clang-tidy says, in build/lint. Too slow for every test run: about ten seconds a file.
//   npm run lint:native [-- PART-OF-A-PATH…]     only files whose names contain one of them
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { buildPackages, install, lintPackages, missing } from './lib/packages.mjs'
import { top } from './lib/paths.mjs'
import { must, Stop, script } from './lib/run.mjs'

const dir = join(top, 'build/lint')

// Without precompiled headers: those of gcc are not clang's.
const configure = () => {
  const options = ['-DCMAKE_BUILD_TYPE=Debug', '-DTSC_ADDON=ON', '-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON']
  must('cmake', ['-S', top, '-B', dir, ...options], { stdio: ['ignore', 'ignore', 'inherit'] })
}

const files = (filters) => {
  const commands = JSON.parse(readFileSync(join(dir, 'compile_commands.json'), 'utf8'))
  const names = [...new Set(commands.map(({ file }) => relative(top, file)))].sort()
  return filters.length === 0 ? names : names.filter((name) => filters.some((filter) => name.includes(filter)))
}

const tidy = (file) =>
  new Promise((resolve) => {
    const child = spawn('clang-tidy', ['-p', dir, '--quiet', file], { cwd: top, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
    child.on('close', (status) => resolve({ file, status, output }))
  })

await script(async () => {
  install(missing([...buildPackages, ...lintPackages]))
  configure()
  const names = files(process.argv.slice(2))
  const bad = []
  const worker = async () => {
    for (let file = names.shift(); file !== undefined; file = names.shift()) {
      const result = await tidy(file)
      if (result.status === 0) continue
      bad.push(file)
      console.log(result.output)
    }
  }
  const count = names.length
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  if (bad.length > 0) throw new Stop(`clang-tidy has findings in ${bad.length} of ${count} files: ${bad.join(' ')}`)
  console.log(`clang-tidy: ${count} files, nothing found`)
})
