// SPDX-License-Identifier: Apache-2.0
import { container, type PropertyRow, type PropertyRows, parent, reported, web } from '../property-row.js'

const one = { networks: { one: {} } }
const place = (details: object) => ({ networks: { one: details } })
const attached = (details: object, expected: object): PropertyRow =>
  container(place(details), { network: [{ network: 'shop_one', ...expected }] }, one)
const port = { target: 80, published: '8080', host_ip: '127.0.0.1', protocol: 'udp', mode: 'host' }
const published = container(
  { ports: [port] },
  { ports: [{ container: 80, host: 8080, address: '127.0.0.1', protocol: 'udp' }] },
)
const two = { networks: { a: {}, b: {} } }
const withDb = (properties: object) => ({ services: { web: { image: 'img', ...properties }, db: { image: 'img' } } })

/** How it reaches others and is reached. */
export const reachRows: PropertyRows = {
  dns: container({ dns: '8.8.8.8' }, { dns: ['8.8.8.8'] }),
  dns_opt: container({ dns_opt: ['ndots:2'] }, { dnsOptions: ['ndots:2'] }),
  dns_search: container({ dns_search: ['a.example'] }, { dnsSearch: ['a.example'] }),
  // Every port of a container is reached from its networks.
  expose: container({ expose: [3000] }, { network: [{ network: 'shop_default', aliases: ['web'] }] }),
  external_links: container({ external_links: ['legacy:old'] }, { links: ['legacy:old'] }),
  extra_hosts: container(
    { extra_hosts: ['a=10.0.0.1', 'a=10.0.0.2', 'b:::1'] },
    { extraHosts: { a: ['10.0.0.1', '10.0.0.2'], b: ['::1'] } },
  ),
  links: container({ links: ['db:database'] }, { links: ['f00d:database'] }, withDb({ links: ['db:database'] })),
  mac_address: container(
    { mac_address: '02:42:AC:11:65:43' },
    { network: [{ network: 'shop_default', mac: '02:42:AC:11:65:43' }] },
  ),
  network_mode: container(
    { network_mode: 'service:db' },
    { network: 'container:f00d' },
    withDb({ network_mode: 'service:db' }),
  ),
  networks: container({ networks: ['one'] }, { network: [{ network: 'shop_one', aliases: ['web'] }] }, one),
  'networks.*.aliases': attached({ aliases: ['front'] }, { aliases: ['web', 'front'] }),
  'networks.*.driver_opts': reported(place({ driver_opts: { a: 'b' } }), 'networks.one.driver_opts.a', one),
  'networks.*.gw_priority': container(
    { networks: { a: {}, b: { gw_priority: 1 } } },
    { network: [{ network: 'shop_b' }, { network: 'shop_a' }] },
    two,
  ),
  'networks.*.interface_name': reported(place({ interface_name: 'lan0' }), 'networks.one.interface_name', one),
  'networks.*.ipv4_address': attached({ ipv4_address: '10.1.0.5' }, { ip: ['10.1.0.5'] }),
  'networks.*.ipv6_address': attached({ ipv6_address: 'fd00::5' }, { ip: ['fd00::5'] }),
  'networks.*.link_local_ips': reported(place({ link_local_ips: ['169.254.8.8'] }), 'networks.one.link_local_ips', one),
  'networks.*.mac_address': attached({ mac_address: '02:42:ac:11:65:44' }, { mac: '02:42:ac:11:65:44' }),
  'networks.*.priority': container(
    { networks: { a: { priority: 1 }, b: { priority: 9 } } },
    { network: [{ network: 'shop_b' }, { network: 'shop_a' }] },
    two,
  ),
  ports: reported({ ports: ['80:80'] }, 'ports[0]'),
  'ports.target': published,
  'ports.published': published,
  'ports.host_ip': published,
  'ports.protocol': published,
  // Both modes are the same on one host.
  'ports.mode': published,
  'ports.name': reported({ ports: [{ ...port, name: 'http' }] }, 'ports[0].name'),
  'ports.app_protocol': reported({ ports: [{ ...port, app_protocol: 'http' }] }, 'ports[0].app_protocol'),
}

const network = (properties: object, expected: object): PropertyRow => ({
  document: web({ networks: ['one'] }, { networks: { one: properties } }),
  network: expected,
})
const networkReported = (properties: object, path: string): PropertyRow => ({
  document: web({ networks: ['one'] }, { networks: { one: properties } }),
  reported: `networks.one.${path}`,
})
const external: PropertyRow = {
  document: web({ networks: ['one'] }, { networks: { one: { external: true, name: 'there' } } }),
  container: { network: [{ network: 'there' }] },
}

/** Networks of the project. */
export const networkRows: PropertyRows = {
  networks: parent,
  'networks.*.attachable': networkReported({ attachable: true }, 'attachable'),
  'networks.*.driver': network(
    { driver: 'macvlan', driver_opts: { parent: 'eth0', macvlan_mode: 'private' } },
    { driver: 'macvlan', parent: 'eth0', mode: 'private' },
  ),
  'networks.*.driver_opts': network(
    { driver_opts: { 'com.docker.network.driver.mtu': 1400, 'com.docker.network.bridge.enable_icc': 'false' } },
    { mtu: 1400, isolated: true },
  ),
  'networks.*.enable_ipv4': networkReported({ enable_ipv4: false }, 'enable_ipv4'),
  'networks.*.enable_ipv6': network({ enable_ipv6: true }, { ipv6: true }),
  'networks.*.external': external,
  'networks.*.external.name': {
    document: web({ networks: ['one'] }, { networks: { one: { external: { name: 'there' } } } }),
    container: { network: [{ network: 'there' }] },
  },
  'networks.*.internal': network({ internal: true }, { internal: true }),
  'networks.*.ipam': parent,
  'networks.*.ipam.config': parent,
  'networks.*.ipam.config.aux_addresses': networkReported(
    { ipam: { config: [{ subnet: '10.9.0.0/24', aux_addresses: { a: '10.9.0.7' } }] } },
    'ipam.config[0].aux_addresses.a',
  ),
  'networks.*.ipam.config.gateway': network(
    { ipam: { config: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.9' }] } },
    { gateway: ['10.9.0.9'] },
  ),
  'networks.*.ipam.config.ip_range': network(
    { ipam: { config: [{ subnet: '10.9.0.0/24', ip_range: '10.9.0.128/25' }] } },
    { ipRange: ['10.9.0.128/25'] },
  ),
  'networks.*.ipam.config.subnet': network(
    { ipam: { config: [{ subnet: '10.9.0.0/24' }, { subnet: 'fd00:9::/64' }] } },
    { subnet: ['10.9.0.0/24', 'fd00:9::/64'] },
  ),
  'networks.*.ipam.driver': networkReported({ ipam: { driver: 'dhcp' } }, 'ipam.driver'),
  'networks.*.ipam.options': networkReported({ ipam: { options: { a: 'b' } } }, 'ipam.options.a'),
  'networks.*.labels': network(
    { labels: { a: 'b' } },
    { labels: { a: 'b', 'com.docker.compose.network': 'one', 'com.docker.compose.project': 'shop' } },
  ),
  'networks.*.name': network({ name: 'own' }, { name: 'own' }),
}
