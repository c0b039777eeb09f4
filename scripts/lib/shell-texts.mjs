// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'

const folders = ['.ci', 'addon', 'bench', 'cmake', 'docs', 'examples', 'scripts', 'test']

// Of other projects, kept as they came: one of them has the line ends that a Dockerfile is there to mend.
const strangers = 'test/fixtures/build/projects/'

const isShell = (name) =>
  name.endsWith('.sh') || (!/\.\w+$/.test(name) && /^#!.*\b(ba|da)?sh\b/.test(readFileSync(join(top, name), 'utf8')))

/** The shell scripts of this checkout, by their names below it. */
export const shellTexts = () =>
  folders
    .flatMap((folder) =>
      readdirSync(join(top, folder), { recursive: true })
        .map((name) => join(folder, name))
        .filter((name) => statSync(join(top, name), { throwIfNoEntry: false })?.isFile()),
    )
    .filter((name) => !name.startsWith(strangers) && isShell(name))
    .sort()
