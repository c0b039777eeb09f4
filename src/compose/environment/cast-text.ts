// SPDX-License-Identifier: Apache-2.0
import type { Path } from '../document/path.js'
import { PathRules } from '../document/path-rules.js'
import type { Tree } from '../document/tree.js'
import { TemplateError } from './interpolate.js'

type Kind = 'boolean' | 'integer' | 'number' | 'mode'

const services = (kind: Kind, ...names: readonly string[]) => names.map((name) => [`services.*.${name}`, kind] as const)
const top = (kind: Kind, ...names: readonly string[]) => names.map((name) => [name, kind] as const)

const kinds = new PathRules<Kind>([
  ...services(
    'boolean',
    'attach',
    'build.no_cache',
    'build.privileged',
    'build.pull',
    'healthcheck.disable',
    'init',
    'oom_kill_disable',
  ),
  ...services('boolean', 'privileged', 'read_only', 'stdin_open', 'tty', 'use_api_socket', 'volumes.*.read_only'),
  ...services('boolean', 'volumes.*.bind.create_host_path', 'volumes.*.volume.nocopy', 'env_file.*.required'),
  ...services('boolean', 'depends_on.*.required', 'depends_on.*.restart'),
  ...services(
    'boolean',
    'post_start.*.privileged',
    'pre_stop.*.privileged',
    'pre_start.*.privileged',
    'pre_start.*.per_replica',
  ),
  ...services('integer', 'cpu_count', 'cpu_shares', 'mem_swappiness'),
  ...services('integer', 'deploy.replicas', 'deploy.update_config.parallelism', 'deploy.rollback_config.parallelism'),
  ...services(
    'integer',
    'deploy.restart_policy.max_attempts',
    'deploy.placement.max_replicas_per_node',
    'healthcheck.retries',
  ),
  ...services('integer', 'deploy.resources.limits.pids', 'oom_score_adj', 'pids_limit', 'ports.*.target', 'scale'),
  ...services(
    'integer',
    'ulimits.*',
    'ulimits.*.hard',
    'ulimits.*.soft',
    'build.ulimits.*',
    'build.ulimits.*.hard',
    'build.ulimits.*.soft',
  ),
  ...services(
    'integer',
    'blkio_config.weight',
    'blkio_config.weight_device.*.weight',
    'networks.*.priority',
    'networks.*.gw_priority',
  ),
  ...services(
    'number',
    'cpu_percent',
    'cpus',
    'deploy.update_config.max_failure_ratio',
    'deploy.rollback_config.max_failure_ratio',
  ),
  ...services('mode', 'configs.*.mode', 'secrets.*.mode', 'build.secrets.*.mode', 'volumes.*.tmpfs.mode'),
  ...top('boolean', 'networks.*.external', 'networks.*.internal', 'networks.*.attachable', 'networks.*.enable_ipv4'),
  ...top('boolean', 'networks.*.enable_ipv6', 'volumes.*.external', 'secrets.*.external', 'configs.*.external'),
])

/** The text as the number or truth that the path wants, or as it stands. Throws {@link TemplateError} if it is no such. */
export function castText(text: string, path: Path): Tree {
  switch (kinds.at(path)) {
    case 'boolean':
      return truth(text)
    case 'integer':
      return numeral(text, /^[-+]?\d+$/, 'a whole number')
    case 'number':
      return numeral(text, /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i, 'a number')
    case 'mode':
      if (!/^0?[0-7]{1,4}$/.test(text)) throw new TemplateError(`${JSON.stringify(text)} is not a mode in octal`)
      return Number.parseInt(text, 8)
    default:
      return text
  }
}

function truth(text: string): boolean {
  if (/^(?:1|t|true|y|yes|on)$/i.test(text)) return true
  if (/^(?:0|f|false|n|no|off)$/i.test(text)) return false
  throw new TemplateError(`${JSON.stringify(text)} must be a boolean: true or false`)
}

function numeral(text: string, pattern: RegExp, what: string): number {
  const value = Number(text)
  if (!pattern.test(text) || !Number.isFinite(value)) throw new TemplateError(`${JSON.stringify(text)} must be ${what}`)
  return value
}
