// SPDX-License-Identifier: Apache-2.0
// security.md, Build: secrets in any layer, config, history, cache key or log; the host's environment in RUN; stubs in layers.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { box, useBuildEngine } from '../../support/build-engine.js'

const { host, build, told, say } = useBuildEngine()
const secret = 'hush-4711-hush'
const mount =
  'RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=token --mount=type=secret,id=token,target=/deep/er/token,mode=0444'
const found = `${box} find / -xdev '(' -path '*secrets*' -o -path '/deep*' ')' ; ${box} cat /proc/*/environ | ${box} tr '\\0' '\\n' | ${box} grep -c hush`

// All that the engine has on disks and in its run directory.
const filesWith = async (text: string): Promise<string> => {
  const grep = promisify(execFile)('grep', ['-rlaFs', '--devices=skip', text, host.root, host.runRoot])
  return await grep.then(
    ({ stdout }) => stdout,
    ({ stdout }) => stdout,
  )
}

test('a secret is in no layer, config, history, record or report', async () => {
  const text = `FROM base:1\n${mount} test "$TOKEN" = "$(${box} cat /run/secrets/token)" && ${box} cat /deep/er/token >/dev/null && echo used > /used\n`
  const building = Image.build({
    engine: host.engine,
    dockerfileText: text,
    network: 'none',
    secrets: { token: secret },
  })
  const image = await building
  expect(await filesWith(secret)).toBe('')
  expect(JSON.stringify([image.config, await image.history(), await building.report()])).not.toContain('hush')
  expect(await say(image, `${found}; ${box} cat /used`)).toBe('0\nused\n')
})

test('a secret that fails or is aborted is gone as well', async () => {
  const failing = build(`FROM base:1\n${mount} exit 3\n`, { secrets: { token: secret } })
  await expect(failing).rejects.toMatchObject({ code: 'ERR_BUILD_FAILED' })
  const controller = new AbortController()
  const aborted = build(`FROM base:1\n${mount} ${box} sleep 30\n`, {
    secrets: { token: secret },
    signal: controller.signal,
    onProgress: (event) => {
      if (event.type === 'started' && event.step.name.includes('RUN'))
        setTimeout(() => controller.abort(new Error('enough')), 150)
    },
  })
  await expect(aborted).rejects.toThrow('enough')
  expect(await filesWith(secret)).toBe('')
})

test('the value is no part of the key', async () => {
  const text = `FROM base:1\n${mount} echo keyed > /keyed\n`
  await build(text, { secrets: { token: secret } })
  expect((await told(text, { secrets: { token: 'another' } })).done).toEqual([])
})

test('commands beside it, before it and after it see nothing of it', async () => {
  const looking = (name: string) => `RUN ( ${found} ) > /seen-${name} 2>&1; true`
  const text = `FROM base:1 AS beside
RUN : beside; for i in 1 2 3 4 5; do ${box} sleep 0.1; ( ${found} ) >> /seen-beside 2>&1; done; true
FROM base:1 AS holder
${looking('before')}
${mount} : held; ${box} sleep 0.6
${looking('after')}
FROM base:1
COPY --from=beside /seen-beside /
COPY --from=holder /seen-* /
`
  const other = build(`FROM base:1\nRUN : other; ${box} sleep 0.3; ( ${found} ) > /seen 2>&1; true\n`)
  const image = await build(text, { secrets: { token: secret }, parallel: 4 })
  expect((await say(image, `${box} cat /seen-*`)).match(/hush|secrets|deep|[1-9]/g)).toBeNull()
  expect((await say(await other, `${box} cat /seen`)).trim()).toBe('0')
})

test('a command has nothing of this process: neither its environment nor its descriptors', async () => {
  process.env.TSC_CANARY_OF_THE_HOST = secret
  try {
    const image = await build(`FROM base:1\nRUN ${box} env > /env; ${box} ls /proc/self/fd > /fds\n`)
    expect((await say(image, `${box} cat /env`)).split('\n').map((line) => line.split('=')[0])).toEqual(
      expect.not.arrayContaining(['TSC_CANARY_OF_THE_HOST', 'NODE_OPTIONS', 'LD_PRELOAD']),
    )
    expect(await say(image, `${box} cat /env`)).not.toContain('hush')
    // The last is the listing's own.
    expect((await say(image, `${box} cat /fds`)).trim().split(/\s+/)).toEqual(['0', '1', '2', '3'])
  } finally {
    delete process.env.TSC_CANARY_OF_THE_HOST
  }
})
