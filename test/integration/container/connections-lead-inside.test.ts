// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine, EngineError, Ready } from '../../../src/index.js'
import { failure } from '../../support/engine-failure.js'
import { insideServers } from '../../support/inside-servers.js'
import { testNeeding } from '../../support/needs.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const withServer = async (
  command: readonly string[],
  act: (box: Container) => Promise<void>,
  options: ContainerOptions = {},
): Promise<void> => {
  const box = await host.run({ command, ready: Ready.log('listening'), ...options })
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}

/** Resolves when it is closed, in order or not. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.on('error', () => {}).on('close', () => resolve()))

const answer = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return String(chunk)
}

test('a port inside is reached, and nothing listens outside', async () => {
  await withServer(insideServers.echo(), async (box) => {
    const socket = await box.dial(7777)
    expect(await answer(socket, 'hello')).toBe('hello')
    expect([socket.remoteAddress, socket.remotePort]).toEqual(['127.0.0.1', 7777])
    socket.end()
    await once(socket, 'close')
    const outside = connect(7777, '127.0.0.1')
    const [error] = (await once(outside, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })
})

test('a megabyte goes there and back, both ways at once', async () => {
  await withServer(insideServers.echo(), async (box) => {
    const socket = await box.dial(7777)
    const sent = Buffer.alloc(2 ** 20, 'tscontainer ')
    const got: Buffer[] = []
    socket.on('data', (chunk) => got.push(chunk))
    socket.end(sent)
    await once(socket, 'close')
    expect(Buffer.concat(got).equals(sent)).toBe(true)
  })
})

test('loopback is both of its addresses, unless one is said', async () => {
  const check = async (box: Container) => {
    const socket = await box.dial(7777)
    expect(socket.remoteAddress).toBe('::1')
    expect(await answer(socket, 'six')).toBe('six')
    socket.destroy()
    expect(await failure(box.dial(7777, { host: '127.0.0.1' }))).toMatchObject({ code: 'ERR_DIAL_REFUSED' })
  }
  // Beside an address of IPv4, getaddrinfo(3) knows none of IPv6 where that is loopback's alone.
  await withServer(insideServers.echo({ address: '::1' }), check, { network: 'none' })
})

test('where nothing listens it is refused, with the kernel’s own word', async () => {
  const box = await host.idle({ name: 'silent' })
  const error = await failure(box.dial(81))
  expect(error).toMatchObject({ code: 'ERR_DIAL_REFUSED', errno: 'ECONNREFUSED', object: '127.0.0.1:81' })
  expect(error.message).toContain("port 81 of container 'silent'")
  await box.remove({ force: true })
})

test.each([
  [0, {}, 'port'],
  [65_536, {}, 'port'],
  [1.5, {}, 'port'],
  ['80', {}, 'port'],
  [80, { host: 'localhost' }, 'host'],
  [80, { host: '' }, 'host'],
  [80, { timeoutMs: 0 }, 'timeoutMs'],
  [80, { hots: '::1' }, 'hots'],
])('%s with %o is refused before anything happens', async (port, options, option) => {
  const box = await host.create()
  expect(await failure(box.dial(port as number, options as object))).toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option,
  })
  await box.remove()
})

test('the container has to run', async () => {
  const box = await host.create({ command: ['true'] })
  expect(await failure(box.dial(80))).toMatchObject({ code: 'ERR_CONTAINER_STATE', hint: 'start it first' })
  await box.start()
  await box.wait()
  expect(await failure(box.dial(80))).toMatchObject({ code: 'ERR_CONTAINER_STATE' })
  await box.remove()
  expect(await failure(box.dial(80))).toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
})

test('in the host’s network it is the host’s loopback', async () => {
  const server = createServer((socket) => socket.end('the host')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const box = await host.idle({ network: 'host' })
  const socket = await box.dial((server.address() as { port: number }).port)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  expect(String(chunk)).toBe('the host')
  socket.destroy()
  await box.remove({ force: true })
  server.close()
})

test('a paused container takes a connection, and answers when it goes on', async () => {
  await withServer(insideServers.echo(), async (box) => {
    const paused = await box.pause().then(
      () => true,
      (error: unknown) => !EngineError.is(error, 'ERR_UNSUPPORTED') && !EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED'),
    )
    const socket = await box.dial(7777)
    const said = answer(socket, 'later')
    if (paused) await box.resume()
    expect(await said).toBe('later')
    socket.destroy()
  })
})

// A listener with a full queue: connections wait.
const fill = async (box: Container): Promise<readonly Socket[]> => {
  const sockets: Socket[] = []
  for (;;) {
    try {
      sockets.push(await box.dial(7777, { timeoutMs: 300 }))
    } catch (error) {
      if (!EngineError.is(error, 'ERR_TIMEOUT')) throw error
      expect(error).toMatchObject({ errno: 'ETIMEDOUT', step: 'dial' })
      return sockets
    }
  }
}

test('a listener that never accepts is a timeout, an abort ends the wait, and others go on meanwhile', async () => {
  await withServer(insideServers.deaf(), async (box) => {
    const sockets = await fill(box)
    const controller = new AbortController()
    const waiting = box.dial(7777, { signal: controller.signal })
    expect((await box.exec(['echo', 'meanwhile'])).stdout).toBe('meanwhile\n')
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(box.dial(7777, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
    for (const socket of sockets) socket.destroy()
  })
})

test('a container that is killed while it is dialled says how it ended, and its connections end', async () => {
  await withServer(insideServers.deaf(), async (box) => {
    const sockets = await fill(box)
    const ends = sockets.map((socket) => closed(socket))
    const waiting = failure(box.dial(7777))
    // Its answer comes after that of the request before it.
    await box.processes()
    await box.kill()
    const error = await waiting
    expect(error).toMatchObject({ code: 'ERR_CONTAINER_EXITED', exit: { signal: 'SIGKILL' } })
    expect(EngineError.is(error, 'ERR_CONTAINER_EXITED') && error.logs.map(({ line }) => line)).toEqual(['listening'])
    await Promise.all(ends)
  })
})

test('detached containers are reached through their monitor, those of others through their supervisor', async () => {
  await withServer(insideServers.echo({ port: 7001 }), async (owned) => {
    await withServer(
      insideServers.echo({ port: 7002 }),
      async (detached) => {
        const socket = await detached.dial(7002)
        expect(await answer(socket, 'own')).toBe('own')
        socket.destroy()
        const program = await runProgram(
          host.directory,
          'dials',
          `import { Container, Engine } from 'tscontainer'
           const engine = await Engine.open(${JSON.stringify({ root: host.root, runRoot: host.runRoot })})
           for (const [name, port] of [['${owned.name}', 7001], ['${detached.name}', 7002]] as const) {
             const box = await Container.get(name, { engine })
             const socket = await box.dial(port)
             socket.end(name)
             for await (const chunk of socket) console.log(String(chunk))
           }`,
        )
        expect(await program.ended()).toEqual({ code: 0, output: `${owned.name}\n${detached.name}\n`, errors: '' })
      },
      { detached: true },
    )
  })
})

test('a program that forgets its connection ends when it lets go of it', async () => {
  await withServer(insideServers.echo(), async (box) => {
    const program = await runProgram(
      host.directory,
      'forgets',
      `import { Container, Engine } from 'tscontainer'
       const engine = await Engine.open(${JSON.stringify({ root: host.root, runRoot: host.runRoot })})
       const box = await Container.get('${box.name}', { engine })
       const socket = await box.dial(7777)
       socket.unref()
       console.log('over')`,
    )
    expect(await program.ended()).toEqual({ code: 0, output: 'over\n', errors: '' })
  })
})

test('connections outlive the engine that made them, containers do not', async () => {
  const engine = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const box = await Container.run(host.image, { engine, command: insideServers.echo(), ready: Ready.port(7777) })
  const socket = await box.dial(7777)
  expect(await answer(socket, 'still')).toBe('still')
  const end = closed(socket)
  await engine.close()
  await end
})

testNeeding('root')('two hundred connections leave the supervisor as it was', async () => {
  await withServer(insideServers.echo(), async (box) => {
    const { supervisorPid } = await host.engine.info()
    const descriptors = async () => (await readdir(join('/proc', String(supervisorPid), 'fd'))).length
    const before = await descriptors()
    for (let round = 0; round < 4; round++) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => box.dial(7777)))
      expect(await answer(sockets[round] as Socket, String(round))).toBe(String(round))
      for (const socket of sockets) socket.destroy()
    }
    // What it keeps ready for the next container comes and goes; one for each connection would be two hundred.
    expect(await descriptors()).toBeLessThan(before + 50)
  })
})
