// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path'
import type { ContainerOptions, SeccompProfile } from 'tscontainer'
import { readText } from '../document/read-text.js'
import { deviceMappings } from './device-mappings.js'
import type { Translation } from './translation.js'

/**
 * What it may do. Where a service says nothing the engine's rules hold, which are stricter than Docker's: a user namespace, fewer
 * capabilities, no new privileges.
 */
export async function securityOptions(translation: Translation): Promise<ContainerOptions> {
  const { model } = translation
  return {
    ...capabilityOptions(translation),
    ...(await labelOptions(translation)),
    ...(model.privileged && { privileged: true }),
    ...(model.read_only && { readonlyRootfs: true }),
    ...(model.sysctls && { sysctls: model.sysctls }),
    ...usernsOption(translation),
    ...(model.devices && { devices: await deviceMappings(translation) }),
  }
}

function capabilityOptions({ model }: Translation): ContainerOptions {
  const { cap_add: add = [], cap_drop: drop = [], privileged } = model
  // Who is privileged has them all.
  const added = privileged ? [] : add
  if (added.length === 0 && drop.length === 0) return {}
  return { capabilities: { ...(added.length > 0 && { add: added }), ...(drop.length > 0 && { drop }) } }
}

function usernsOption({ model, reporter }: Translation): ContainerOptions {
  const { userns_mode: userns } = model
  if (!userns) return {}
  if (userns === 'host' || userns === 'private') return { userns }
  return reporter.unsupported(['userns_mode'], `there is no user namespace '${userns}'`, 'take host or private')
}

const greatestProfile = 1024 * 1024

type LabelRule = (
  value: string,
  translation: Translation,
  index: number,
) => ContainerOptions | Promise<ContainerOptions>

const labelRules: Readonly<Record<string, LabelRule>> = {
  'no-new-privileges': (value) => ({ noNewPrivileges: value !== 'false' }),
  seccomp: seccompOption,
  apparmor: (value, { reporter }, index) => {
    if (value !== 'unconfined') reporter.report(['security_opt', index], 'no profiles of AppArmor are set here')
    return {}
  },
  label: (value, { reporter }, index) => {
    if (value !== 'disable') reporter.report(['security_opt', index], 'no labels of SELinux are set here')
    return {}
  },
  systempaths: (_, { reporter }, index) => {
    reporter.report(['security_opt', index], 'paths of the kernel stay masked unless the service is privileged')
    return {}
  },
}

async function labelOptions(translation: Translation): Promise<ContainerOptions> {
  const { model, reporter } = translation
  let options: ContainerOptions = {}
  for (const [index, text] of (model.security_opt ?? []).entries()) {
    const [, key = text, value = 'true'] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? []
    const known = Object.hasOwn(labelRules, key) ? labelRules[key] : undefined
    const rule = known ?? reporter.unsupported(['security_opt', index], `'${text}' means nothing here`)
    options = { ...options, ...(await rule(value, translation, index)) }
  }
  return options
}

async function seccompOption(
  value: string,
  { project, reporter }: Translation,
  index: number,
): Promise<ContainerOptions> {
  if (value === 'unconfined') return { seccomp: 'unconfined' }
  if (value === 'builtin') return { seccomp: 'default' }
  const file = resolve(project.origin.directory, value)
  try {
    return { seccomp: JSON.parse(await readText({ path: file, maxBytes: greatestProfile })) as SeccompProfile }
  } catch (cause) {
    return reporter.refuse(['security_opt', index], `${file} is no profile of seccomp: ${(cause as Error).message}`)
  }
}
