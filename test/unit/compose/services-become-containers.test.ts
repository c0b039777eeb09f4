// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import type { ContainerRequest } from '../../../src/compose/translate/container-request.js'
import { networkOptions } from '../../../src/compose/translate/network-options.js'
import { volumeOptions } from '../../../src/compose/translate/volume-options.js'
import { EngineError } from '../../../src/index.js'
import { web } from './translate/property-row.js'
import { projectOf, type Translated, translateDocument } from './translate/translate-document.js'

const translate = (properties: object, request?: Partial<ContainerRequest>, others: object = {}): Promise<Translated> =>
  translateDocument(web({ ...properties }, { ...others }), request)

const refusal = async (properties: object, others: object = {}): Promise<string> => {
  const error: unknown = await translate(properties, {}, others).catch((reason: unknown) => reason)
  if (!EngineError.is(error)) throw error
  return `${error.code} ${error.option}`
}
const reportsOf = async (properties: object): Promise<readonly string[]> =>
  (await translate(properties)).reports.map(({ path }) => path)

describe('where a service says nothing', () => {
  test('its command is the first process, and the security of the engine holds', async () => {
    const { options, reports } = await translate({})
    expect(Object.keys(options).sort()).toEqual(['init', 'labels', 'name', 'network'])
    expect(options).toMatchObject({ init: false, name: 'shop-web-1' })
    expect(reports).toEqual([])
  })

  test('the labels are those that tools read', async () => {
    const { options } = await translate({}, { number: 3, imageId: 'sha256:0' })
    expect(options.labels).toMatchObject({
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'web',
      'com.docker.compose.container-number': '3',
      'com.docker.compose.oneoff': 'False',
      'com.docker.compose.image': 'sha256:0',
      'com.docker.compose.config-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})

describe('a container of run', () => {
  test('has a name of its own, is not found by its service, and is not started again', async () => {
    const restart = { restart: 'always', networks: { one: { aliases: ['front'] } } }
    const { options } = await translate(
      restart,
      { oneoff: true, overrides: { command: ['id'], user: '7' } },
      { networks: { one: {} } },
    )
    expect(options.name).toMatch(/^shop-web-run-[0-9a-f]{12}$/)
    expect(options).toMatchObject({ command: ['id'], user: '7', network: [{ network: 'shop_one' }] })
    expect(options.network).not.toMatchObject([{ aliases: expect.anything() }])
    expect(options).not.toHaveProperty('restart')
  })

  test('has the configuration hash of its service', async () => {
    const hash = ({ options }: Translated) => options.labels?.['com.docker.compose.config-hash']
    const overrides = { command: ['id'] }
    expect(hash(await translate({}, { oneoff: true, overrides }))).toBe(hash(await translate({})))
  })
})

describe('mounts', () => {
  test('volumes without a name are taken over, also those of the image', async () => {
    const inherited = new Map([
      ['/data', 'old-data'],
      ['/of-the-image', 'old-other'],
    ])
    const { options } = await translate({ volumes: ['/data'] }, { inherited })
    expect(options.mounts).toEqual([
      { type: 'volume', source: 'old-data', target: '/data' },
      { type: 'volume', source: 'old-other', target: '/of-the-image' },
    ])
  })

  test('what the service mounts itself wins over what comes from others', async () => {
    const services = { web: { image: 'img', volumes: ['/mine:/data'], volumes_from: ['db'] }, db: { image: 'img' } }
    const { options } = await translate({}, {}, { services })
    expect(options.mounts).toMatchObject([{ type: 'bind', source: '/mine', target: '/data' }])
  })

  test('types of other systems are refused by name', async () => {
    expect(await refusal({ volumes: [{ type: 'npipe', source: 'a', target: '/b' }] })).toBe(
      'ERR_UNSUPPORTED services.web.volumes[0].type',
    )
  })

  test('what is mounted inside never shows on the host, and that is told', async () => {
    expect(await reportsOf({ volumes: ['/srv:/in:shared'] })).toEqual(['services.web.volumes[0].bind.propagation'])
  })
})

describe('secrets and configs', () => {
  test('a file that has an owner is copied, since a bind has that of the host', async () => {
    const { options } = await translate(
      { secrets: [{ source: 'one', uid: '7' }] },
      {},
      { secrets: { one: { file: './secret' } } },
    )
    expect(options.files).toMatchObject([
      { path: '/run/secrets/one', source: expect.stringMatching(/secret$/), owner: '7:0', mode: 0o444 },
    ])
  })

  test.each([
    [{ file: './not-there' }, 'ERR_COMPOSE_INVALID secrets.one.file'],
    [{ environment: 'NOWHERE' }, 'ERR_COMPOSE_INVALID secrets.one.environment'],
    [{ external: true }, 'ERR_UNSUPPORTED secrets.one.external'],
    [{ driver: 'vault' }, 'ERR_UNSUPPORTED secrets.one'],
  ])('%j has nothing that could be given', async (one, expected) => {
    expect(await refusal({ secrets: ['one'] }, { secrets: { one } })).toBe(expected)
  })
})

describe('networks', () => {
  test('in the network of the host ports and name servers have no effect, and that is told', async () => {
    const { options, reports } = await translate({ network_mode: 'host', ports: ['80:80'], dns: ['8.8.8.8'] })
    expect(options).toMatchObject({ network: 'host' })
    expect(options).not.toHaveProperty('ports')
    expect(reports.map(({ path }) => path)).toEqual(['services.web.ports', 'services.web.dns'])
  })

  test('Docker’s host and none mean these, also as external networks', async () => {
    const networks = { out: { external: true, name: 'host' } }
    expect((await translate({ networks: ['out'] }, {}, { networks })).options.network).toBe('host')
    expect(await refusal({ networks: ['out', 'one'] }, { networks: { ...networks, one: {} } })).toBe(
      'ERR_COMPOSE_INVALID services.web.networks',
    )
  })

  test('who is in the network of another one has no ports', async () => {
    expect(await refusal({ network_mode: 'container:x', ports: ['80'] })).toBe('ERR_COMPOSE_INVALID services.web.ports')
  })

  test('a service that shares with one that is not there is refused', async () => {
    expect(
      await refusal(
        { network_mode: 'service:gone' },
        { services: { web: { image: 'img', network_mode: 'service:gone' }, gone: { image: 'img' } } },
      ),
    ).toBe('ERR_COMPOSE_INVALID services.web.network_mode')
  })

  test('drivers that the engine lacks are refused, also of volumes', async () => {
    const project = await projectOf(
      web(
        { networks: ['one'], volumes: ['one:/in'] },
        { networks: { one: { driver: 'ipvlan' } }, volumes: { one: { driver: 'nfs' } } },
      ),
    )
    expect(() => networkOptions(project, 'one')).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', option: 'networks.one.driver' }),
    )
    expect(() => volumeOptions(project, 'one')).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', option: 'volumes.one.driver' }),
    )
  })

  test('ports are bound to the address of their network, where that has one', async () => {
    const one = { driver_opts: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.2' } }
    const { options, reports } = await translate({ ports: ['8080:80'], networks: ['one'] }, {}, { networks: { one } })
    expect(options.ports).toEqual([
      { container: 80, host: 8080, address: '127.0.0.2', protocol: 'tcp', shared: 'shop-web' },
    ])
    expect(reports).toEqual([])
  })

  test('a port that all reach is told with what would keep it here', async () => {
    const { options, reports } = await translate({ ports: ['8080:80', '53/udp'] })
    expect(options.ports?.[0]).toMatchObject({ container: 80, host: 8080, address: '0.0.0.0', protocol: 'tcp' })
    expect(options.ports?.at(-1)).toEqual({ container: 53, address: '0.0.0.0', protocol: 'udp' })
    expect(reports).toMatchObject([
      { kind: 'open-port', path: 'services.web.ports[0]', message: expect.stringContaining("'127.0.0.1:8080:80'") },
      { kind: 'open-port', path: 'services.web.ports[1]' },
    ])
  })
})

describe('limits', () => {
  test('zero is no limit', async () => {
    const { options } = await translate({ mem_limit: 0, cpus: 0, cpu_shares: 0, pids_limit: 0, memswap_limit: 0 })
    expect(options).toMatchObject({ pidsLimit: 'unlimited' })
    for (const key of ['memory', 'memorySwap', 'cpus', 'cpuShares']) expect(options).not.toHaveProperty(key)
  })

  test.each([
    [{ memswap_limit: '1g' }, 'memswap_limit'],
    [{ cpus: 1, cpu_quota: 1000 }, 'cpu_quota'],
    [{ storage_opt: { size: 'much' } }, 'storage_opt.size'],
    [{ tmpfs: '/run:size=much' }, 'tmpfs[0]'],
    [{ logging: { options: { 'max-size': 'much' } } }, 'logging.options.max-size'],
  ])('%j is refused', async (properties, path) => {
    expect(await refusal(properties)).toBe(`ERR_COMPOSE_INVALID services.web.${path}`)
  })
})

describe('security', () => {
  test.each([
    [{ userns_mode: 'keep-id' }, 'ERR_UNSUPPORTED services.web.userns_mode'],
    [{ security_opt: ['made-up=1'] }, 'ERR_UNSUPPORTED services.web.security_opt[0]'],
    [{ security_opt: ['seccomp=./secret'] }, 'ERR_COMPOSE_INVALID services.web.security_opt[0]'],
  ])('%j is refused', async (properties, expected) => {
    expect(await refusal(properties)).toBe(expected)
  })

  test('profiles and labels of the kernel’s modules are told, not set', async () => {
    const labels = ['apparmor=docker-default', 'label:type:x', 'systempaths=unconfined']
    expect(await reportsOf({ security_opt: labels })).toEqual(
      [0, 1, 2].map((index) => `services.web.security_opt[${index}]`),
    )
  })

  test('who is privileged has all capabilities already', async () => {
    const { options } = await translate({ privileged: true, cap_add: ['NET_ADMIN'], cap_drop: ['SYS_TIME'] })
    expect(options.capabilities).toEqual({ drop: ['SYS_TIME'] })
  })
})

describe('logs', () => {
  test.each(['syslog', 'plugged'])(
    'a driver that cannot be had is told: %s of a container that outlives this process',
    async (driver) => {
      const { options, reports } = await translate({ logging: { driver } }, { detached: true })
      expect(options).not.toHaveProperty('logs')
      expect(reports).toMatchObject([{ kind: 'unsupported', path: 'services.web.logging.driver' }])
    },
  )
})

describe('builds', () => {
  test('a Dockerfile outside of its context is read', async () => {
    const { build } = await translate({ build: { context: './part', dockerfile: '../secret' } })
    expect(build).toMatchObject({ dockerfileText: 'shh' })
    expect(build).not.toHaveProperty('dockerfile')
  })

  test('one image for several platforms is built for this machine', async () => {
    const { build, reports } = await translate({
      build: { context: '/src', platforms: ['linux/amd64', 'linux/arm64'] },
      platform: 'linux/arm64',
    })
    expect(build).toMatchObject({ platform: 'linux/arm64' })
    expect(reports.map(({ path }) => path)).toEqual(['services.web.build.platforms[0]'])
  })
})
