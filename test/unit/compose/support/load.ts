// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type LoadOptions, Project } from 'tscontainer/compose'
import { onTestFinished } from 'vitest'

/** A directory with these files, until the test ends. */
export const projectWith = (files: Readonly<Record<string, string>>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'tscontainer-compose-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

/** The project of one compose file, in an environment without variables. */
export const load = (
  text: string,
  options: LoadOptions = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Project> =>
  Project.load(join(projectWith({ 'compose.yaml': text, ...files }), 'compose.yaml'), {
    env: {},
    name: 'test',
    ...options,
  })
