// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { top } from '../../scripts/lib/paths.mjs'
import { must, Stop } from '../../scripts/lib/run.mjs'

const tracked = () =>
  spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: top, encoding: 'utf8' })
    .stdout.split('\0')
    .filter((name) => name !== '' && existsSync(join(top, name)))

const isNative = (file) => /^(addon|cmake|CMakeLists)/.test(file)

/** A copy of the checkout, built by itself, in which sources may be changed. */
export class MutableTree {
  constructor(path) {
    this.path = path
  }

  /** Makes it the same as the checkout. What has not changed is not written, so that it need not be built again. */
  refresh() {
    for (const file of tracked()) {
      const [from, to] = [readFileSync(join(top, file)), join(this.path, file)]
      if (existsSync(to) && from.equals(readFileSync(to))) continue
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, from, { mode: /\.sh$/.test(file) ? 0o755 : 0o644 })
    }
    const modules = join(this.path, 'node_modules')
    if (!existsSync(modules)) must('cp', ['--archive', '--link', join(top, 'node_modules'), modules])
    const options = ['-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', '-DTSC_TESTS=ON', '-DTSC_ADDON=ON']
    must('cmake', ['-S', this.path, '-B', join(this.path, 'build'), ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const problem = this.#make(['all'])
    if (problem !== null) throw new Stop(problem)
  }

  /** Replaces, in each file, one text by another; what it returns puts everything back. */
  apply(edits) {
    const before = new Map()
    for (const [file, from, to] of edits) {
      const path = join(this.path, file)
      const text = readFileSync(path, 'utf8')
      if (!before.has(path)) before.set(path, text)
      const parts = text.split(from)
      if (parts.length !== 2) throw new Stop(`${file} has ${parts.length - 1} times, not once: ${from}`)
      writeFileSync(path, parts.join(to))
      if (isNative(file)) this.#stale = true
    }
    return () => {
      for (const [path, content] of before) writeFileSync(path, content)
    }
  }

  /** Builds what the tests that are to be red need; what the compiler says where it does not, else null. */
  build(defences) {
    if (!this.#stale) return null
    const own = defences.some(({ red }) => red.some(([file]) => !file.includes('/')))
    const programs = ['tscontainer-supervisor', 'tscontainer', 'tscontainer-runtime']
    const problem = this.#make([...programs, ...(own ? ['tscontainer-tests'] : [])])
    // What was taken away is put back, and has to be built again.
    this.#stale = defences.some(({ edits }) => edits.some(([file]) => isNative(file)))
    return problem
  }

  #stale = false

  #make(targets) {
    const args = ['--build', join(this.path, 'build'), '--parallel', '2', '--target', ...targets]
    const { status, stdout } = spawnSync('cmake', args, { cwd: this.path, encoding: 'utf8', maxBuffer: 1 << 28 })
    return status === 0 ? null : `it does not build:\n${stdout.slice(-4000)}`
  }
}
