// SPDX-License-Identifier: Apache-2.0
import { performance } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, EngineError, Ready } from '../../../src/index.js'
import { failure } from '../../support/engine-failure.js'
import { insideServers } from '../../support/inside-servers.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const shell = (script: string) => ['sh', '-c', script]
const nothingLeft = async () => {
  const left = await Container.list({ engine: host.engine, all: true })
  expect(left.map(({ name }) => name)).toEqual([])
}
const ready = async (options: ContainerOptions, check?: (box: Container) => Promise<unknown>): Promise<void> => {
  const box = await host.run(options)
  try {
    await check?.(box)
  } finally {
    await box.remove({ force: true })
  }
}

describe('a start waits', () => {
  test('for a port', async () => {
    const command = insideServers.http({ delayS: 0.3 })
    await ready({ command, ready: Ready.port(8080) }, async (box) => (await box.dial(8080)).destroy())
  })

  test('for a port of one address', async () => {
    // Beside an address of IPv4, getaddrinfo(3) knows none of IPv6 where that is loopback's alone.
    const server = { command: insideServers.echo({ address: '::1' }), network: 'none' as const }
    await ready({ ...server, ready: Ready.port(7777, { host: '::1' }) })
    const error = await failure(host.run({ ...server, ready: Ready.port(7777, { host: '127.0.0.1', timeoutMs: 300 }) }))
    expect(error.code).toBe('ERR_READY_TIMEOUT')
  })

  test('for a line in its log, as often as is said', async () => {
    const lines = async (box: Container) => {
      const found: string[] = []
      for await (const { line } of box.logs()) found.push(line)
      return found
    }
    const command = shell('for i in 1 2 3 4; do echo tick $i; sleep 0.1; done; exec sleep 1000')
    await ready({ command, ready: Ready.log(/^tick \d$/g, { count: 3 }) }, async (box) =>
      expect((await lines(box)).slice(0, 3)).toEqual(['tick 1', 'tick 2', 'tick 3']),
    )
    await ready({ command: shell('echo "a.b" >&2; exec sleep 1000'), ready: Ready.log('a.b', { stream: 'stderr' }) })
  })

  test('for a line that is its last, of a program that ends at once', async () => {
    for (let round = 0; round < 5; round++)
      await ready({ command: ['echo', 'done'], ready: Ready.log('done') }, async (box) =>
        expect((await box.wait()).code).toBe(0),
      )
  })

  test('for an answer over HTTP', async () => {
    const command = insideServers.http({ delayS: 0.2 })
    await ready({ command, ready: Ready.http('/health', { port: 8080 }) })
    await ready({ command, ready: Ready.http('/status/503', { port: 8080, status: 503 }) })
    await ready({ command, ready: Ready.http('/status/404', { port: 8080, status: [401, 404] }) })
    await ready({ command, ready: Ready.http('/status/418', { port: 8080, status: (status) => status > 410 }) })
  })

  test('for a command that succeeds', async () => {
    const command = shell('sleep 0.3; echo x > /tmp/there; exec sleep 1000')
    await ready({ command, ready: Ready.exec(['test', '-s', '/tmp/there']) })
    await ready({
      command,
      ready: Ready.exec(['sh', '-c', 'test "$PWD $A" = "/tmp b" && exit 7'], {
        cwd: '/tmp',
        env: { A: 'b' },
        exitCode: 7,
      }),
    })
  })

  test('for its health check', async () => {
    const command = shell('sleep 0.3; echo x > /well; exec sleep 1000')
    const healthcheck = { test: ['CMD', 'test', '-s', '/well'], intervalMs: 50, retries: 1000 }
    await ready({ command, healthcheck, ready: Ready.healthy() }, async (box) => expect(box.health).toBe('healthy'))
    const error = await failure(
      host.run({
        command,
        healthcheck: { ...healthcheck, test: ['CMD', 'false'] },
        ready: Ready.healthy({ timeoutMs: 400 }),
      }),
    )
    expect(error.message).toContain('waited for health (starting)')
  })

  test('through the restarts of its policy, until there are no more', async () => {
    const script = 'test -e /tmp/second && echo up && exec sleep 1000; touch /tmp/second; exit 1'
    const conditions = [Ready.log('up'), Ready.exec(['pgrep', 'sleep']), Ready.healthy()]
    for (const condition of conditions)
      await ready(
        {
          command: shell(script),
          restart: 'on-failure:3',
          healthcheck: { test: ['CMD', 'pgrep', 'sleep'], intervalMs: 50 },
          ready: condition,
        },
        async (box) => expect((await box.inspect()).restartCount).toBe(1),
      )
    const error = await failure(host.run({ command: shell('exit 5'), restart: 'on-failure:1', ready: Ready.port(80) }))
    expect(error).toMatchObject({ code: 'ERR_CONTAINER_EXITED', exit: { code: 5 } })
  })

  test('for the end of what runs once', async () => {
    await ready({ command: shell('sleep 0.1; exit 3'), ready: Ready.exit(3) }, async (box) =>
      expect([box.state, box.exit?.code]).toEqual(['stopped', 3]),
    )
  })

  test('for all, and for any', async () => {
    const command = insideServers.http({ delayS: 0.2 })
    await ready({ command, ready: Ready.all(Ready.port(8080), Ready.log('listening'), Ready.exec(['true'])) })
    await ready({ command, ready: Ready.any(Ready.port(1), Ready.log('never'), Ready.port(8080), Ready.exit(0)) })
    await ready({
      command,
      ready: Ready.any([Ready.log('never', { timeoutMs: 1 }), Ready.all([Ready.port(8080)])], { timeoutMs: 30_000 }),
    })
  })

  test('for nothing that an earlier run wrote', async () => {
    const box = await host.create({
      command: shell('test -e /second && exec sleep 1000; touch /second; echo ready; exec sleep 1000'),
      ready: Ready.log('ready', { timeoutMs: 500 }),
    })
    await box.start()
    await box.kill()
    await box.wait()
    expect((await failure(box.start())).code).toBe('ERR_READY_TIMEOUT')
    expect((await failure(box.restart({ timeoutMs: 0 }))).code).toBe('ERR_READY_TIMEOUT')
    await box.remove({ force: true })
  })
})

describe('when it does not become ready', () => {
  test('the error says what was waited for, how long, and the container’s last lines; nothing is left', async () => {
    const command = shell('for i in $(seq 30); do echo "line $i"; done; printf "\\033[31mred\\n"; exec sleep 1000')
    const started = performance.now()
    const error = await failure(
      host.run({ command, name: 'late', ready: Ready.all([Ready.log('line'), Ready.port(5432)], { timeoutMs: 400 }) }),
    )
    expect(performance.now() - started).toBeGreaterThan(390)
    expect(error.code).toBe('ERR_READY_TIMEOUT')
    expect(error.message).toMatch(
      /^container 'late' was not ready within 400 ms: waited for port 5432 \(ECONNREFUSED\); its last lines:\n {2}line 12\n/,
    )
    expect(error.message).toMatch(/line 30\n {2}\\u001b\[31mred$/)
    expect(error.hint).toContain('timeoutMs')
    if (!EngineError.is(error, 'ERR_READY_TIMEOUT')) throw error
    expect(error.logs).toHaveLength(20)
    await nothingLeft()
  })

  test('its end is noticed at once, whatever is waited for', async () => {
    const conditions: readonly Ready[] = [
      Ready.port(5432),
      Ready.log('never'),
      Ready.http('/', { port: 80 }),
      Ready.exec(['false']),
      Ready.exec(['sleep', '1000']),
      Ready.exit(0),
      Ready.all(Ready.port(1), Ready.log('x')),
      Ready.any(Ready.port(1), Ready.log('x')),
    ]
    for (const condition of conditions) {
      const error = await failure(
        host.run({ command: shell('echo starting; echo failing >&2; sleep 0.1; exit 3'), ready: condition }),
      )
      if (!EngineError.is(error, 'ERR_CONTAINER_EXITED')) throw error
      expect(error.exit.code).toBe(3)
      expect(error.logs.map(({ line }) => line)).toEqual(['starting', 'failing'])
      expect(error.message).toMatch(/ended with exit code 3 before it was ready, after \d+ ms: waited for /)
      expect(error.message).toMatch(/\n {2}starting\n {2}failing$/)
    }
    await nothingLeft()
  })

  test('also of one that removes itself', async () => {
    const error = await failure(
      host.run({ command: shell('sleep 0.1; exit 4'), autoRemove: true, ready: Ready.port(80) }),
    )
    expect(error).toMatchObject({ code: 'ERR_CONTAINER_EXITED', exit: { code: 4 } })
    await nothingLeft()
  })

  test('a command that cannot be run is said at once', async () => {
    const error = await failure(host.run({ command: ['sleep', '1000'], ready: Ready.exec(['no-such-program']) }))
    expect(error).toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'ENOENT' })
    await nothingLeft()
  })

  test('what the command said, and what the server answered, is in the message', async () => {
    const waits = [
      [
        Ready.exec(['sh', '-c', 'echo no response; exit 2'], { timeoutMs: 300 }),
        "exec 'sh -c echo no response; exit 2' (exit code 2: no response)",
      ],
      [Ready.http('/status/503', { port: 8080, timeoutMs: 800 }), 'http /status/503 on port 8080 (status 503)'],
      [Ready.log(/never/, { timeoutMs: 500 }), 'log /never/ (found in 0 of 1 lines)'],
    ] as const
    for (const [condition, said] of waits) {
      const error = await failure(host.run({ command: insideServers.http(), ready: condition }))
      expect(error.message).toContain(`waited for ${said}`)
    }
    await nothingLeft()
  })

  test('a started one is left as it is', async () => {
    const box = await host.create({ command: ['sleep', '1000'], ready: Ready.port(1, { timeoutMs: 200 }) })
    expect((await failure(box.start())).code).toBe('ERR_READY_TIMEOUT')
    expect(box.state).toBe('running')
    await box.remove({ force: true })
  })

  test('a server that takes connections and never answers is waited for no longer than is said', async () => {
    const ready = Ready.http('/', { port: 7777, timeoutMs: 500 })
    const error = await failure(host.run({ command: insideServers.deaf(), ready }))
    expect(error.code).toBe('ERR_READY_TIMEOUT')
    await nothingLeft()
  })
})

test('what cannot be waited for is refused before anything exists', async () => {
  const log = Ready.any(Ready.port(80), Ready.log('x'))
  for (const options of [
    { ready: {} as never },
    { idle: true, ready: log },
    { logs: { driver: 'none' }, ready: log },
  ] as const)
    expect(await failure(host.create(options))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'ready' })
  const once = () => Container.runOnce(host.image, ['true'], { engine: host.engine, ready: Ready.port(80) } as never)
  expect(once).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'ready' }))
  await nothingLeft()
})
