// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const script = 'read line < /dev/stdin; echo "$line" > /dev/stdout; echo "$line" > /dev/stderr'

const users = has('subordinate ids') ? ['0:0', '1', 'nobody'] : ['0:0']
test.each(users)('/dev/stdin, /dev/stdout and /dev/stderr are opened anew by user %s', async (user) => {
  const container = await host.create({ user, stdin: 'main\n', command: ['sh', '-c', `${script}; exec sleep 60`] })
  await container.start()
  const lines: string[] = []
  for await (const { stream, line } of container.logs({ follow: true })) {
    if (lines.push(`${stream} ${line}`) === 2) break
  }
  expect([...lines].sort()).toEqual(['stderr main', 'stdout main'])

  const { stdout, stderr } = await container.exec(['sh', '-c', script], { stdin: 'exec\n' })
  expect([stdout, stderr]).toEqual(['exec\n', 'exec\n'])
  await container.remove({ force: true })
})
