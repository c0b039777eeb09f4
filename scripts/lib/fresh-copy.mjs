// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { top } from './paths.mjs'
import { must } from './run.mjs'

const tracked = () =>
  spawnSync('git', ['ls-files', '-z'], { cwd: top, encoding: 'utf8' })
    .stdout.split('\0')
    .filter((name) => name !== '' && existsSync(join(top, name)))

/**
 * The files of the checkout that git knows, as they are now, in `target`, with the modes that the umask gives; beside them the directories
 * `shared`, whose files are the same ones, since nobody writes into them.
 */
export const freshCopy = (target, shared) => {
  for (const file of tracked()) {
    mkdirSync(join(target, dirname(file)), { recursive: true })
    writeFileSync(join(target, file), readFileSync(join(top, file)))
  }
  for (const name of shared.filter((one) => existsSync(join(top, one)))) {
    must('cp', ['--archive', '--link', join(top, name), join(target, name)])
  }
}
