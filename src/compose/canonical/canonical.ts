// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { PathRules } from '../document/path-rules.js'
import { isList, isMap, type Tree, type TreeMap } from '../document/tree.js'
import type { Warnings } from '../document/warning.js'
import { composeBytes } from './compose-bytes.js'
import { canonicalDuration, durationNs } from './compose-duration.js'
import { hostAddresses, keyValues } from './key-values.js'
import { parseVolume } from './parse-volume.js'
import * as forms from './service-forms.js'

const all = (form: forms.LongForm, prefix: string, ...names: readonly string[]) =>
  names.map((name) => [prefix + name, form] as const)

const bytes: forms.LongForm = (value) =>
  typeof value === 'string' || typeof value === 'number' ? composeBytes(value) : value
const duration: forms.LongForm = (value) => (typeof value === 'string' ? canonicalDuration(value) : value)
const microseconds: forms.LongForm = (value) =>
  typeof value !== 'string' ? value : /^-?\d+$/.test(value) ? Number(value) : durationNs(value) / 1000
const labels: forms.LongForm = (value) => keyValues(value, '')
const variables: forms.LongForm = (value) => keyValues(value, null)

const rules = new PathRules<forms.LongForm>([
  ...all(
    variables,
    'services.*.',
    'environment',
    'build.args',
    'post_start.*.environment',
    'pre_stop.*.environment',
    'pre_start.*.environment',
  ),
  ...all(
    labels,
    'services.*.',
    'labels',
    'annotations',
    'build.labels',
    'deploy.labels',
    'sysctls',
    'build.additional_contexts',
  ),
  ...all(labels, 'services.*.', 'volumes.*.volume.labels', 'logging.options', 'storage_opt'),
  ...all(
    labels,
    '',
    'networks.*.labels',
    'volumes.*.labels',
    'configs.*.labels',
    'secrets.*.labels',
    'networks.*.driver_opts',
  ),
  ...all(
    labels,
    '',
    'volumes.*.driver_opts',
    'secrets.*.driver_opts',
    'networks.*.ipam.options',
    'services.*.networks.*.driver_opts',
  ),
  ...all(hostAddresses, 'services.*.', 'extra_hosts', 'build.extra_hosts'),
  ...all(
    forms.listOf,
    'services.*.',
    'dns',
    'dns_search',
    'tmpfs',
    'label_file',
    'build.no_cache_filter',
    'build.cache_from',
    'build.entitlements',
  ),
  ...all(forms.texts, 'services.*.', 'expose', 'group_add'),
  ...all(
    forms.text,
    'services.*.',
    'cpuset',
    'user',
    'deploy.resources.limits.cpus',
    'deploy.resources.reservations.cpus',
  ),
  ...all(
    forms.words,
    'services.*.',
    'command',
    'entrypoint',
    'post_start.*.command',
    'pre_stop.*.command',
    'pre_start.*.command',
  ),
  ...all(forms.fileMount, 'services.*.', 'secrets.*', 'configs.*', 'build.secrets.*'),
  ...all(
    bytes,
    'services.*.',
    'mem_limit',
    'mem_reservation',
    'memswap_limit',
    'shm_size',
    'build.shm_size',
    'volumes.*.tmpfs.size',
  ),
  ...all(bytes, 'services.*.deploy.resources.', 'limits.memory', 'reservations.memory'),
  ...all(
    bytes,
    'services.*.blkio_config.',
    'device_read_bps.*.rate',
    'device_write_bps.*.rate',
    'device_read_iops.*.rate',
  ),
  ...all(bytes, 'services.*.blkio_config.', 'device_write_iops.*.rate'),
  ...all(
    duration,
    'services.*.',
    'stop_grace_period',
    'healthcheck.interval',
    'healthcheck.timeout',
    'healthcheck.start_period',
  ),
  ...all(
    duration,
    'services.*.',
    'healthcheck.start_interval',
    'deploy.update_config.delay',
    'deploy.update_config.monitor',
  ),
  ...all(
    duration,
    'services.*.deploy.',
    'rollback_config.delay',
    'rollback_config.monitor',
    'restart_policy.delay',
    'restart_policy.window',
  ),
  ...all(forms.external, '', 'networks.*', 'volumes.*', 'configs.*', 'secrets.*'),
  ...all(forms.devices, 'services.*.', 'gpus', 'deploy.resources.reservations.devices'),
  ...all(forms.deviceCount, 'services.*.', 'gpus.*.count', 'deploy.resources.reservations.devices.*.count'),
  ...all(microseconds, 'services.*.', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime'),
  ['services.*.build', forms.under('context')],
  ['services.*.build.ssh', forms.sshKeys],
  ['services.*.depends_on', forms.namesTo(forms.dependency)],
  ['services.*.networks', forms.namesTo(() => null)],
  ['services.*.models', forms.namesTo(() => null)],
  ['services.*.env_file', forms.envFiles],
  ['services.*.healthcheck.test', forms.healthTest],
  ['services.*.devices.*', forms.deviceMapping],
  ['services.*.develop.watch', forms.watches],
  ['services.*.ports', forms.ports],
  ['services.*.volumes.*', (value) => (typeof value === 'string' ? parseVolume(value).volume : value)],
])

/**
 * Everything in its long form, in place: what is left of a mapping is mappings, lists, texts, numbers of bytes, and durations in one form.
 * Throws ERR_COMPOSE_INVALID where a short form cannot be read.
 */
export function canonical(root: TreeMap, warnings: Warnings): TreeMap {
  const walk = (value: Tree, path: Path): Tree => {
    const result =
      value === null && !/^(?:networks|volumes|configs|secrets)$/.test(String(path[0])) ? value : long(value, path)
    if (isList(result)) for (const [index, entry] of result.entries()) result[index] = walk(entry, [...path, index])
    else if (isMap(result))
      for (const key of Object.keys(result)) result[key] = walk(result[key] as Tree, [...path, key])
    return result
  }
  const long = (value: Tree, path: Path): Tree => {
    const rule = rules.at(path)
    if (rule === undefined) return value
    warnOfOptions(value, path, root, warnings)
    try {
      return rule(value)
    } catch (cause) {
      throw composeInvalid({ root, path, problem: (cause as Error).message, cause })
    }
  }
  walk(root, [])
  return root
}

function warnOfOptions(value: Tree, path: Path, root: Tree, warnings: Warnings): void {
  if (typeof value !== 'string' || path[2] !== 'volumes' || path.length !== 4) return
  try {
    for (const option of parseVolume(value).ignored) {
      warnings.add('option-ignored', `the option '${option}' of the mount '${value}' means nothing`, { path, root })
    }
  } catch {
    // The form itself says what is wrong.
  }
}
