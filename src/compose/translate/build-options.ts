// SPDX-License-Identifier: Apache-2.0
import type { BuildOptions } from 'tscontainer'
import type { ComposeWarning } from '../document/warning.js'
import type { BuildModel } from '../model/build-model.js'
import { composeLabels, composeVersion, imageName } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import { buildCaches } from './build-caches.js'
import { buildDockerfile } from './build-dockerfile.js'
import { buildSecrets, buildSsh } from './build-secrets.js'
import { Reporter } from './reporter.js'

/** How the image of a service is to be built. */
export interface TranslatedBuild {
  readonly options: BuildOptions
  /** What it is called; also the first of its tags. */
  readonly image: string
  /** Services whose images are contexts of it, and have to be built before. */
  readonly needs: readonly string[]
  /** What of it has no effect, and why. */
  readonly reports: readonly ComposeWarning[]
}

/** What a build of a service is given on the way. */
export interface BuildSource {
  readonly project: RunningProject
  readonly build: BuildModel
  readonly reporter: Reporter
}

/** The build of the service; none where it has no build section. Reads a Dockerfile that is outside of its context. */
export async function buildOptions(project: RunningProject, service: string): Promise<TranslatedBuild | undefined> {
  const model = project.model.services[service]
  const build = model?.build
  if (model === undefined || build === undefined) return undefined
  const reporter = new Reporter(project.model, ['services', service, 'build'])
  const source: BuildSource = { project, build, reporter }
  reportNotHonoured(source)
  const image = imageName(project.origin.name, service, model)
  const { args, target, tags = [], labels, no_cache: none, no_cache_filter: stages = [], pull } = build
  const dockerfile = await buildDockerfile(source)
  const secrets = await buildSecrets(source)
  const options: BuildOptions = {
    context: build.context,
    ...dockerfile,
    ...(args && { args: given(args) }),
    ...(target && { target }),
    tags: [...new Set([image, ...tags])],
    labels: {
      ...labels,
      [composeLabels.project]: project.origin.name,
      [composeLabels.service]: service,
      [composeLabels.version]: composeVersion,
    },
    ...contextsOf(source),
    ...platformOf(source, model.platform),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    ...(await buildSsh(source)),
    ...networkOf(source),
    ...hostsOf(source),
    ...attestationsOf(source),
    ...buildCaches(source),
    ...((none || stages.length > 0) && { noCache: none || stages }),
    ...(pull && { pull }),
  }
  return { options, image, needs: [...servicesOf(build).values()], reports: reporter.all }
}

const given = (args: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(args).filter((entry): entry is [string, string] => entry[1] !== null))

const servicesOf = ({ additional_contexts: contexts = {} }: BuildModel): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(contexts).flatMap(([name, context]) =>
      context.startsWith('service:') ? [[name, context.slice('service:'.length)]] : [],
    ),
  )

function contextsOf({ project, build }: BuildSource): BuildOptions {
  const services = servicesOf(build)
  const entries = Object.entries(build.additional_contexts ?? {}).map(([name, context]) => {
    const service = services.get(name)
    const model = service === undefined ? undefined : project.model.services[service]
    if (service === undefined || model === undefined) return [name, context] as const
    return [name, `docker-image://${imageName(project.origin.name, service, model)}`] as const
  })
  return entries.length > 0 ? { contexts: Object.fromEntries(entries) } : {}
}

function platformOf({ build, reporter }: BuildSource, wanted: string | undefined): BuildOptions {
  const { platforms = [] } = build
  const platform = wanted ?? (platforms.length === 1 ? platforms[0] : undefined)
  for (const [index, other] of platforms.entries())
    if (other !== platform && platforms.length > 1)
      reporter.report(['platforms', index], `the image is built for ${platform ?? 'this machine'} alone`)
  return platform === undefined ? {} : { platform }
}

function networkOf({ build, reporter }: BuildSource): BuildOptions {
  const { network } = build
  if (network === undefined || network === '' || network === 'default' || network === 'bridge') return {}
  if (network === 'none' || network === 'host') return { network }
  reporter.report(['network'], `steps are not on the network '${network}', but on the default one`)
  return {}
}

function hostsOf({ build, reporter }: BuildSource): BuildOptions {
  const addHosts: Record<string, string> = {}
  for (const [name, addresses] of Object.entries(build.extra_hosts ?? {})) {
    const [first, ...others] = addresses
    if (first !== undefined) addHosts[name] = first
    if (others.length > 0) reporter.report(['extra_hosts', name], `steps know it as ${first} alone`)
  }
  return Object.keys(addHosts).length > 0 ? { addHosts } : {}
}

function attestationsOf({ build, reporter }: BuildSource): BuildOptions {
  const provenance = wanted(build.provenance) && (/mode=max/.test(String(build.provenance)) ? 'max' : true)
  const sbom = wanted(build.sbom)
  if (/generator=/.test(String(build.sbom))) reporter.report(['sbom'], 'packages are found by the engine itself')
  return provenance || sbom ? { attest: { provenance, sbom } } : {}
}

const wanted = (value: string | boolean | undefined): boolean => Boolean(value) && value !== 'false'

const unhonoured: Readonly<Partial<Record<keyof BuildModel, string>>> = {
  entitlements: 'steps have what the Dockerfile asks for, within the rules of the engine',
  privileged: 'steps are never privileged',
  shm_size: 'steps have /dev/shm as every container has it',
  ulimits: 'steps have the limits of this process',
}

function reportNotHonoured({ build, reporter }: BuildSource): void {
  for (const [key, why] of Object.entries(unhonoured)) {
    const value = build[key as keyof BuildModel]
    const isEmpty = typeof value === 'object' && Object.keys(value).length === 0
    if (value && value !== 'false' && !isEmpty) reporter.report([key], why)
  }
}
