// SPDX-License-Identifier: Apache-2.0
import { totalmem } from 'node:os'
import { expect } from 'vitest'
import { container, type PropertyRows, parent, reported, web } from '../property-row.js'

const bind = (details: object) => ({ volumes: [{ type: 'bind', source: '/srv', target: '/in', bind: details }] })
const volume = (details: object) => ({ volumes: [{ type: 'volume', source: 'one', target: '/in', volume: details }] })
const tmpfs = (details: object) => ({ volumes: [{ type: 'tmpfs', target: '/in', tmpfs: details }] })
const one = { volumes: { one: {} } }
const content = { configs: { given: { content: 'x' } }, secrets: { given: { environment: 'HELD' } } }
const devices = (device: unknown) => ({ devices: [device] })
const zero = { source: '/dev/zero', target: '/dev/nil', permissions: 'r' }

const contentRows = (key: 'configs' | 'secrets', place: string): PropertyRows => {
  const file = (entry: unknown, expected: object) =>
    container({ [key]: [entry] }, { files: [expected as { path: string }] }, content)
  return {
    [key]: file('given', { path: `${place}given`, mode: 0o444 }),
    [`${key}.source`]: file({ source: 'given' }, { path: `${place}given` }),
    [`${key}.target`]: file({ source: 'given', target: '/etc/x' }, { path: '/etc/x' }),
    [`${key}.uid`]: file({ source: 'given', uid: '7' }, { owner: '7:0' }),
    [`${key}.gid`]: file({ source: 'given', gid: '8' }, { owner: '0:8' }),
    [`${key}.mode`]: file({ source: 'given', mode: 0o400 }, { mode: 0o400 }),
  }
}

/** What it may do and see. */
export const isolationRows: PropertyRows = {
  cap_add: container({ cap_add: ['NET_ADMIN'] }, { capabilities: { add: ['NET_ADMIN'] } }),
  cap_drop: container({ cap_drop: ['ALL'] }, { capabilities: { drop: ['ALL'] } }),
  cgroup: reported({ cgroup: 'host' }, 'cgroup'),
  cgroup_parent: reported({ cgroup_parent: 'm-executor-abcd' }, 'cgroup_parent'),
  ...contentRows('configs', '/'),
  ...contentRows('secrets', '/run/secrets/'),
  credential_spec: reported({ credential_spec: { file: 'a.json' } }, 'credential_spec'),
  device_cgroup_rules: reported({ device_cgroup_rules: ['c 1:3 mr'] }, 'device_cgroup_rules'),
  devices: container(devices('/dev/zero:/dev/nil'), { devices: [{ source: '/dev/zero', target: '/dev/nil' }] }),
  'devices.source': container(devices(zero), { devices: [{ source: '/dev/zero' }] }),
  'devices.target': container(devices(zero), { devices: [{ source: '/dev/zero', target: '/dev/nil' }] }),
  'devices.permissions': container(devices(zero), { devices: [{ source: '/dev/zero', permissions: 'r' }] }),
  ipc: container({ ipc: 'container:some' }, { ipc: 'container:some' }),
  isolation: reported({ isolation: 'hyperv' }, 'isolation'),
  pid: container({ pid: 'host' }, { pid: 'host' }),
  privileged: container({ privileged: true }, { privileged: true }),
  read_only: container({ read_only: true }, { readonlyRootfs: true }),
  security_opt: container(
    { security_opt: ['no-new-privileges:false', 'seccomp=unconfined', 'label=disable', 'apparmor:unconfined'] },
    { noNewPrivileges: false, seccomp: 'unconfined' },
  ),
  sysctls: container({ sysctls: ['net.core.somaxconn=99'] }, { sysctls: { 'net.core.somaxconn': '99' } }),
  tmpfs: container(
    { tmpfs: ['/run:size=1m,mode=1770,uid=5,gid=6,exec'] },
    { mounts: [{ type: 'tmpfs', target: '/run', size: 2 ** 20, mode: 0o1770, uid: 5, gid: 6, exec: true }] },
  ),
  userns_mode: container({ userns_mode: 'host' }, { userns: 'host' }),
  uts: container({ uts: 'host' }, { uts: 'host' }),
  volumes: {
    document: web({ volumes: ['/srv:/in:ro,slave', 'one:/data', '/anonymous'] }, one),
    container: {
      mounts: [
        { type: 'bind', source: '/srv', target: '/in', readonly: true, createSource: true, propagation: 'slave' },
        { type: 'volume', source: 'shop_one', target: '/data' },
        { type: 'volume', target: '/anonymous' },
      ],
    },
  },
  'volumes.type': container(
    { volumes: [{ type: 'image', source: 'tools', target: '/in' }] },
    { mounts: [{ type: 'image', source: 'tools', target: '/in' }] },
  ),
  'volumes.source': container(bind({}), { mounts: [{ type: 'bind', source: '/srv', target: '/in' }] }),
  'volumes.target': container(bind({}), { mounts: [{ type: 'bind', source: '/srv', target: '/in' }] }),
  'volumes.read_only': container(
    { volumes: [{ type: 'volume', source: 'one', target: '/in', read_only: true }] },
    { mounts: [{ type: 'volume', target: '/in', readonly: true }] },
    one,
  ),
  'volumes.consistency': reported(
    { volumes: [{ type: 'bind', source: '/srv', target: '/in', consistency: 'cached' }] },
    'volumes[0].consistency',
  ),
  'volumes.bind': parent,
  'volumes.bind.create_host_path': {
    document: web(bind({ create_host_path: false })),
    container: ({ mounts }) => expect(mounts).toEqual([{ type: 'bind', source: '/srv', target: '/in' }]),
  },
  'volumes.bind.propagation': container(bind({ propagation: 'rslave' }), {
    mounts: [{ type: 'bind', source: '/srv', target: '/in', propagation: 'slave' }],
  }),
  'volumes.bind.recursive': container(bind({ recursive: 'disabled' }), {
    mounts: [{ type: 'bind', source: '/srv', target: '/in', recursive: false }],
  }),
  'volumes.bind.selinux': reported(bind({ selinux: 'z' }), 'volumes[0].bind.selinux'),
  'volumes.volume': parent,
  'volumes.volume.labels': reported(volume({ labels: { a: 'b' } }), 'volumes[0].volume.labels', one),
  'volumes.volume.nocopy': container(
    volume({ nocopy: true }),
    { mounts: [{ type: 'volume', target: '/in', nocopy: true }] },
    one,
  ),
  'volumes.volume.subpath': container(
    volume({ subpath: 'a/b' }),
    { mounts: [{ type: 'volume', target: '/in', subpath: 'a/b' }] },
    one,
  ),
  'volumes.tmpfs': container(tmpfs({}), {
    mounts: [{ type: 'tmpfs', target: '/in', size: Math.floor(totalmem() / 2) }],
  }),
  'volumes.tmpfs.size': container(tmpfs({ size: '2m' }), { mounts: [{ type: 'tmpfs', target: '/in', size: 2 ** 21 }] }),
  'volumes.tmpfs.mode': container(tmpfs({ mode: 0o700 }), { mounts: [{ type: 'tmpfs', target: '/in', mode: 0o700 }] }),
  'volumes.image': parent,
  'volumes.image.subpath': container(
    { volumes: [{ type: 'image', source: 'tools', target: '/in', image: { subpath: 'usr' } }] },
    { mounts: [{ type: 'image', source: 'tools', target: '/in', subpath: 'usr' }] },
  ),
  volumes_from: container(
    { volumes_from: ['db:ro'] },
    { mounts: [{ type: 'volume', source: 'shop_data', target: '/data', readonly: true }] },
    { services: { web: { image: 'img', volumes_from: ['db:ro'] }, db: { image: 'img' } } },
  ),
}
