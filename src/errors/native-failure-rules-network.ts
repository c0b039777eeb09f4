// SPDX-License-Identifier: Apache-2.0
import type { NativeFailureRule } from './native-failure-rules.js'

const unsupported = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']
const refused = ['EPERM', 'EACCES']

export const networkFailureRules: readonly NativeFailureRule[] = [
  { steps: ['find network'], errnos: ['ENOENT'], code: 'ERR_NETWORK_NOT_FOUND', problem: 'no such network' },
  { steps: ['remove network'], errnos: ['EBUSY'], code: 'ERR_NETWORK_IN_USE', problem: 'a container is on it' },
  {
    steps: ['create network'],
    errnos: ['EADDRINUSE'],
    code: 'ERR_SUBNET_IN_USE',
    problem: 'another network of this engine has addresses of that range',
    hint: 'networks of another root may live in the same run directory: give that engine a runRoot of its own',
  },
  {
    steps: ['create network', 'create bridge'],
    errnos: ['EEXIST', 'EBUSY'],
    code: 'ERR_NAME_IN_USE',
    problem: 'a link of that name is there, or just about to go',
  },
  {
    steps: ['sever network'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'what members of a macvlan send does not pass this host',
  },
  {
    steps: ['apply egress policy'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'what members of a macvlan send does not pass this host’s firewall',
  },
  {
    steps: ['listen to refusals'],
    errnos: ['EINVAL'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this kernel cannot tell what its firewall refused',
    hint: 'modprobe nfnetlink_log, or boot a kernel with CONFIG_NETFILTER_NETLINK_LOG',
  },
  {
    steps: ['impair link'],
    errnos: [...unsupported, 'ENOENT'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this kernel has no netem',
    hint: 'modprobe sch_netem, or boot a kernel with CONFIG_NET_SCH_NETEM',
  },
  {
    steps: ['limit rate'],
    errnos: ['EINVAL'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'it is on no network of its own',
  },
  {
    steps: ['limit rate'],
    errnos: [...unsupported, 'ENOENT'],
    code: 'ERR_UNSUPPORTED',
    problem: 'the link cannot hold a rate',
    hint: 'the kernel needs CONFIG_NET_SCH_TBF (modprobe sch_tbf); what members of a macvlan receive cannot be limited',
  },
  {
    steps: ['find parent'],
    errnos: ['ENODEV'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the host has no link of that name',
    hint: '`ip link` lists them',
  },
  { steps: ['create network'], errnos: unsupported, code: 'ERR_UNSUPPORTED', problem: 'macvlan needs root' },
  {
    steps: ['create macvlan'],
    errnos: [...unsupported, 'EINVAL', 'EBUSY'],
    code: 'ERR_UNSUPPORTED',
    problem: 'the link cannot have members of a macvlan',
    hint: 'the kernel needs CONFIG_MACVLAN, and the link must be no port of a bridge and nobody else’s with passthru',
  },
  {
    steps: ['claim address'],
    errnos: ['EADDRINUSE'],
    code: 'ERR_ADDRESS_IN_USE',
    problem: 'another container of the network has it',
  },
  {
    steps: ['claim address'],
    errnos: ['EADDRNOTAVAIL'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'every address of the network is in use',
    hint: 'take a network with a larger range: Network.create({ subnet })',
  },
  {
    steps: ['publish port'],
    errnos: ['EADDRINUSE'],
    code: 'ERR_PORT_IN_USE',
    problem: 'somebody has that port',
    hint: '`ss -lntup` tells who, unless it is a container of this engine; without a number a free one is taken',
  },
  {
    steps: ['publish port'],
    errnos: ['EADDRNOTAVAIL'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the host has no such address',
  },
  {
    steps: ['publish port'],
    errnos: ['EACCES'],
    code: 'ERR_PORT_PRIVILEGED',
    problem: 'the host keeps that port to root',
    hint: 'take a port from 1024 on, or lower net.ipv4.ip_unprivileged_port_start',
  },
  {
    steps: ['publish port'],
    errnos: ['ENETUNREACH'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the container has no address of that family on a network that reaches out',
    hint: 'internal networks and those of macvlan publish nothing; an IPv6 address of the host needs a network with ipv6: true',
  },
  {
    steps: ['publish port'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'sctp can be published as root only, and not on ::1',
  },
  {
    steps: ['open netlink socket', 'create bridge', 'create veth', 'create table', 'change firewall'],
    errnos: refused,
    code: 'ERR_PERMISSION',
    problem: 'the kernel refuses to change networks',
    hint: 'as root the process needs CAP_NET_ADMIN; in a container, run it privileged or use network: none',
  },
  {
    steps: ['create bridge', 'create veth', 'create table', 'create chain', 'create rule'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'this kernel has no bridges or no nftables',
    hint: 'CONFIG_BRIDGE, CONFIG_VETH, CONFIG_NF_TABLES with NFT_NAT and NFT_MASQ are needed',
  },
]
