// SPDX-License-Identifier: Apache-2.0
import type { BuildWarning } from '../build-result.js'
import type { Builder, BuildRequest } from '../run-case.js'
import type { Docker } from './start-docker.js'

/** Docker's BuildKit as a builder. */
export const dockerBuilder = (docker: Docker): Builder => ({
  build: async (request) => {
    const common = commonOptions(docker, request)
    const warnings = await checkFile(docker, common)
    const output = ['--output', `type=oci,dest=${docker.inside(request.output)},tar=false`]
    const built = await docker.run('build', '--progress=plain', '--provenance=false', ...output, ...common)
    return { warnings, ...(built.status !== 0 && { error: readError(built.output) }) }
  },
})

/** The warnings of a check of it, without a build. */
export const dockerCheck = (docker: Docker, request: BuildRequest): Promise<readonly BuildWarning[]> =>
  checkFile(docker, commonOptions(docker, request))

const commonOptions = (docker: Docker, request: BuildRequest): string[] => {
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`])
  const secrets = Object.entries(request.secrets).flatMap(([id, path]) => [
    '--secret',
    `id=${id},src=${docker.inside(path)}`,
  ])
  const contexts = Object.entries(request.contexts).map(([name, path]) => [name, docker.inside(path)] as const)
  return [
    ...['--network=host', '-f', docker.inside(request.dockerfile)],
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...(request.platform === undefined ? [] : ['--platform', request.platform]),
    ...(request.noCache ? ['--no-cache'] : []),
    ...pairs('--build-arg', request.args),
    ...pairs('--label', request.labels),
    ...pairs('--build-context', Object.fromEntries(contexts)),
    ...secrets,
    docker.inside(request.context),
  ]
}

interface Check {
  /** Go writes null for none. */
  readonly warnings?:
    | readonly {
        readonly ruleName: string
        readonly detail: string
        readonly location?: { readonly ranges?: readonly { readonly start: { readonly line: number } }[] }
      }[]
    | null
}

// A check says all of them; a build only some, depending on how quick it is.
const checkFile = async (docker: Docker, options: readonly string[]): Promise<readonly BuildWarning[]> => {
  const { output } = await docker.run('build', '--progress=quiet', '--call=check,format=json', ...options)
  const warnings = readDocument(output).warnings ?? []
  return warnings.map(({ ruleName, detail, location }) => {
    const line = location?.ranges?.[0]?.start.line
    return { rule: ruleName, message: detail, ...(line !== undefined && { line }) }
  })
}

// Where the file cannot be read there may be none.
const readDocument = (output: string): Check => {
  try {
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as Check
  } catch {
    return {}
  }
}

const readError = (output: string): { readonly message: string; readonly line?: number } => {
  const message = /^ERROR: (?:failed to build: )?(?:failed to solve: )?([\s\S]*?)\s*$/m.exec(output)?.[1] ?? output
  const line = /^ +(\d+) \| >>> /m.exec(output)?.[1] ?? /line (\d+):/.exec(message)?.[1]
  return { message: steady(message), ...(line && { line: Number(line) }) }
}

// References of snapshots, directories and why there is no network differ from run to run.
const steady = (message: string): string =>
  message
    .replace(/buildkit\/containerd-overlayfs\/cachemounts\/buildkit\d+/g, '')
    .replace(/: failed to do request: [\s\S]*$/, ': failed to do request')
    .replace(/\b[a-z0-9]{25}\b::?[a-z0-9]{25}\b/g, '<ref>')
    .replace(/\/var\/tmp\/record\/[^\s"']*?\/(?=[^/\s"']*)/g, '')
