// SPDX-License-Identifier: Apache-2.0
import { container, kept, type PropertyRows, parent, reported } from '../property-row.js'

const update = {
  parallelism: 1,
  delay: '1s',
  failure_action: 'rollback',
  monitor: '5s',
  max_failure_ratio: 0.1,
  order: 'start-first',
}
const rates = (key: string, option: string): PropertyRows => {
  const row = container(
    { blkio_config: { [key]: [{ path: '/dev/vda', rate: '1mb' }] } },
    { io: { [option]: { '/dev/vda': 2 ** 20 } } },
  )
  return { [`blkio_config.${key}`]: row, [`blkio_config.${key}.path`]: row, [`blkio_config.${key}.rate`]: row }
}
const weights = container(
  { blkio_config: { weight_device: [{ path: '/dev/vda', weight: 200 }] } },
  { io: { weights: { '/dev/vda': 200 } } },
)
const limits = (resources: object) => ({ deploy: { resources: { limits: resources } } })
const reservations = (resources: object) => ({ deploy: { resources: { reservations: resources } } })
const pair = container({ ulimits: { nofile: { soft: 10, hard: 20 } } }, { ulimits: { nofile: { soft: 10, hard: 20 } } })

/** What it may use, and how it is deployed. */
export const limitRows: PropertyRows = {
  blkio_config: parent,
  'blkio_config.weight': container({ blkio_config: { weight: 300 } }, { io: { weight: 300 } }),
  'blkio_config.weight_device': weights,
  'blkio_config.weight_device.path': weights,
  'blkio_config.weight_device.weight': weights,
  ...rates('device_read_bps', 'readBps'),
  ...rates('device_write_bps', 'writeBps'),
  ...rates('device_read_iops', 'readIops'),
  ...rates('device_write_iops', 'writeIops'),
  cpu_count: reported({ cpu_count: 1 }, 'cpu_count'),
  cpu_percent: reported({ cpu_percent: 10 }, 'cpu_percent'),
  cpu_period: container({ cpu_period: 50_000, cpu_quota: 25_000 }, { cpus: 0.5, cpuPeriodUs: 50_000 }),
  cpu_quota: container({ cpu_quota: 150_000 }, { cpus: 1.5 }),
  cpu_rt_period: reported({ cpu_rt_period: '11ms' }, 'cpu_rt_period'),
  cpu_rt_runtime: reported({ cpu_rt_runtime: '400ms' }, 'cpu_rt_runtime'),
  cpu_shares: container({ cpu_shares: 73 }, { cpuShares: 73 }),
  cpus: container({ cpus: '0.5' }, { cpus: 0.5 }),
  cpuset: container({ cpuset: '0,1' }, { cpuset: '0,1' }),
  deploy: parent,
  'deploy.endpoint_mode': reported({ deploy: { endpoint_mode: 'vip' } }, 'deploy.endpoint_mode'),
  'deploy.labels': reported({ deploy: { labels: { a: 'b' } } }, 'deploy.labels'),
  'deploy.mode': reported({ deploy: { mode: 'global' } }, 'deploy.mode'),
  'deploy.placement': reported({ deploy: { placement: { constraints: ['x'] } } }, 'deploy.placement'),
  'deploy.replicas': kept({ deploy: { replicas: 3 } }, 'deploy.replicas', 3),
  'deploy.resources': parent,
  'deploy.resources.limits': parent,
  'deploy.resources.limits.cpus': container(limits({ cpus: '0.25' }), { cpus: 0.25 }),
  'deploy.resources.limits.memory': container(limits({ memory: '64m' }), { memory: 64 * 2 ** 20 }),
  'deploy.resources.limits.pids': container(limits({ pids: 9 }), { pidsLimit: 9 }),
  'deploy.resources.reservations': parent,
  'deploy.resources.reservations.cpus': reported(reservations({ cpus: '0.1' }), 'deploy.resources.reservations.cpus'),
  'deploy.resources.reservations.memory': container(reservations({ memory: '8m' }), { memoryReservation: 8 * 2 ** 20 }),
  'deploy.resources.reservations.devices': reported(
    reservations({ devices: [{ capabilities: ['gpu'] }] }),
    'deploy.resources.reservations.devices',
  ),
  'deploy.resources.reservations.generic_resources': reported(
    reservations({ generic_resources: [{ discrete_resource_spec: { kind: 'gpu', value: 2 } }] }),
    'deploy.resources.reservations.generic_resources',
  ),
  'deploy.restart_policy': parent,
  'deploy.restart_policy.condition': container(
    { deploy: { restart_policy: { condition: 'any' } } },
    { restart: 'always' },
  ),
  'deploy.restart_policy.max_attempts': container(
    { restart: 'no', deploy: { restart_policy: { condition: 'on-failure', max_attempts: 3 } } },
    { restart: 'on-failure:3' },
  ),
  'deploy.restart_policy.delay': reported(
    { deploy: { restart_policy: { delay: '5s' } } },
    'deploy.restart_policy.delay',
  ),
  'deploy.restart_policy.window': reported(
    { deploy: { restart_policy: { window: '5s' } } },
    'deploy.restart_policy.window',
  ),
  'deploy.rollback_config': kept({ deploy: { rollback_config: update } }, 'deploy.rollback_config', update),
  'deploy.update_config': kept({ deploy: { update_config: update } }, 'deploy.update_config', update),
  gpus: reported({ gpus: 'all' }, 'gpus'),
  mem_limit: container({ mem_limit: '64mb' }, { memory: 64 * 2 ** 20 }),
  mem_reservation: container({ mem_reservation: 2 ** 20 }, { memoryReservation: 2 ** 20 }),
  mem_swappiness: reported({ mem_swappiness: 10 }, 'mem_swappiness'),
  memswap_limit: container({ mem_limit: '64m', memswap_limit: '-1' }, { memorySwap: 'unlimited' }),
  oom_kill_disable: reported({ oom_kill_disable: true }, 'oom_kill_disable'),
  oom_score_adj: container({ oom_score_adj: 500 }, { oomScoreAdjust: 500 }),
  pids_limit: container({ pids_limit: -1 }, { pidsLimit: 'unlimited' }),
  shm_size: container({ shm_size: '8mb' }, { shmSize: 8 * 2 ** 20 }),
  storage_opt: container({ storage_opt: { size: '1g' } }, { diskQuota: 2 ** 30 }),
  ulimits: container({ ulimits: { nproc: 100, core: -1 } }, { ulimits: { nproc: 100, core: 'unlimited' } }),
  'ulimits.*.soft': pair,
  'ulimits.*.hard': pair,
}
