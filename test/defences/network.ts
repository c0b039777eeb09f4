// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const closed = 'adversarial/network/networks-are-closed-to-each-other'
const doors = 'adversarial/network/neighbours-find-closed-doors'
const egress = 'adversarial/network/egress-has-no-way-around'
const host = 'adversarial/network/the-host-is-out-of-reach'
const names = 'adversarial/network/names-stay-inside'
const owners = 'adversarial/network/what-is-taken-has-one-owner'
const speech = 'adversarial/network/containers-speak-for-themselves-alone'

export const network: readonly Defence[] = [
  {
    without: 'who comes to 127.0.0.1 from elsewhere is led nowhere',
    group: 'rules',
    edits: [['addon/network/rule_chains.cc', '    Add(Loopback4(Rule("prerouting"), kDestination4).Return());\n', '']],
    red: [[doors, 'a port of 127.0.0.1 is not reached by a neighbour that routes there (CVE-2020-8558)']],
  },
  {
    without: 'a port of one address is a port of no other',
    group: 'other rules',
    edits: [
      [
        'addon/network/rule_set.cc',
        'const bool everywhere = port.host.any();\n  const std::string where',
        'const bool everywhere = port.host.family == AF_INET;\n  const std::string where',
      ],
    ],
    red: [[doors, 'nor at another address of the host, while one of everywhere is, and sees who comes']],
  },
  {
    without: 'rules that are gone are put back',
    group: 'rules',
    edits: [['addon/supervisor/firewall_watch.cc', 'if (largest == Change::kDamage) listener_.damaged();', '']],
    red: [[doors, 'rules that somebody flushes are put back, and everything is as closed as before']],
  },
  {
    without: 'nothing from a bridge has an address of 127.0.0.0/8',
    group: 'rules',
    edits: [
      [
        'addon/network/rule_chains.cc',
        'Add(Loopback4(FromOurs(Rule("early")), kDestination4).Drop());',
        'Add(Loopback4(FromOurs(Rule("early")), kDestination4).Accept());',
      ],
    ],
    red: [[host, 'nor for frames that are sent to it by hand, where a port is published on it']],
  },
  {
    without: 'internal networks lead nowhere',
    group: 'other rules',
    edits: [['addon/network/rule_set.cc', 'if (!network.internal) elements', 'if (!network.bridge.empty()) elements']],
    red: [[host, 'an internal network leads to no address of the host, and to no neighbour']],
  },
  {
    without: 'link-local addresses are not routed',
    group: 'rules',
    edits: [['addon/network/rule_chains.cc', '.Equals(link_local).Drop());', '.Equals(link_local).Accept());']],
    red: [[host, 'the address where clouds tell hosts their secrets is for the host alone']],
  },
  {
    without: 'networks are closed to each other',
    group: 'other rules',
    edits: [
      [
        'addon/network/rule_chains.cc',
        'Add(ToOurs(Rule("leaving")).Drop());',
        'Add(ToOurs(Rule("leaving")).Accept());',
      ],
      ['addon/network/rule_chains.cc', '    Add(Rule("entering").Drop());\n', '    Add(Rule("entering").Accept());\n'],
    ],
    red: [[closed, 'containers, their ports and their gateways are out of reach from another network']],
  },
  {
    without: 'members of an isolated network are closed to each other',
    group: 'rules',
    edits: [
      [
        'addon/network/links.cc',
        'message.PutNumber<std::uint8_t>(IFLA_BRPORT_ISOLATED, options.isolated);',
        'message.PutNumber<std::uint8_t>(IFLA_BRPORT_ISOLATED, 0);',
      ],
      ['addon/network/rule_set.cc', 'if (!network.isolated) elements', 'if (!network.bridge.empty()) elements'],
    ],
    red: [[closed, 'members of an isolated network do not reach each other, also by a published port']],
  },
  {
    without: 'questions leave only where packets do',
    group: 'rules',
    edits: [['addon/supervisor/dns_worker.cc', 'return network.ok() && !network->internal;', 'return network.ok();']],
    red: [[names, 'no question leaves an internal network, whoever asks and however it got there (CVE-2024-29018)']],
  },
  {
    without: 'the host’s names stand in /etc/hosts',
    group: 'rules',
    edits: [
      [
        'src/runtime/etc-files.ts',
        "const hostNames = 'host.containers.internal host.docker.internal'",
        "const hostNames = 'host.example.internal'",
      ],
    ],
    red: [[names, 'nobody takes the names of the host or of localhost from others']],
  },
  {
    without: 'a port says only what its container may say',
    group: 'rules',
    edits: [
      [
        'addon/network/bridge_chains.cc',
        'Add(PortAnd(Rule("guard"), NFT_PAYLOAD_LL_HEADER, kEtherSource, 6).NotIn("senders").Drop());',
        'Add(Rule("guard").Accept());',
      ],
    ],
    red: [
      [speech, 'forged ARP, neighbour discovery, router advertisements and sources do not pass'],
      [speech, 'where IPv4 alone was asked for there is no IPv6, neither of the kernel’s own nor sent by hand'],
    ],
  },
  {
    without: 'a port is bound by who has it',
    group: 'rules',
    edits: [['addon/supervisor/port_claim.cc', 'if (!port.share.empty() && ::setsockopt', 'if (::setsockopt']],
    red: [
      [owners, 'of many who ask for one port at once one has it, also among engines, and the others leave nothing'],
    ],
  },
  {
    without: 'an address is given back',
    group: 'rules',
    edits: [
      [
        'addon/supervisor/network_addresses.cc',
        'if (lock.ok() && OwnerOf(host, name).port == port) ::unlinkat',
        'if (OwnerOf(host, name).port.empty() && port.empty()) ::unlinkat',
      ],
    ],
    red: [[owners, 'an address whose last owner’s link is kept alive belongs to the next one alone']],
  },
  {
    without: 'names that are not allowed are asked of nobody',
    group: 'rules',
    edits: [
      [
        'addon/supervisor/dns_server.cc',
        'if (!dns::MayAsk(client->client, query)) {',
        'if (query.name.empty() && !dns::MayAsk(client->client, query)) {',
      ],
    ],
    red: [[egress, 'an egress policy']],
  },
  {
    without: 'names lead to nothing inside',
    group: 'other rules',
    edits: [
      [
        'addon/supervisor/egress.cc',
        'if (inward && !IsCovered(client.places, address)) continue;',
        'if (inward && !IsCovered(client.places, address) && found.empty()) continue;',
      ],
    ],
    red: [[egress, 'is not left by names that lead inside: rebinding']],
  },
]
