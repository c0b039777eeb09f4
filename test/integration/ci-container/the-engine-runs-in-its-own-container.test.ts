// SPDX-License-Identifier: Apache-2.0
// The engine inside a container of the engine, as a job of a CI service has it: works as far as the kernel lets it, or says what to change.
import { describe, expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { runJob } from './outer-container.js'

const host = useTestEngine()

// `$$ $(id -u) hostname processes`: it is process 1's child in a /proc of its own, with an init, itself and what it starts.
const ranInside = /^\d{1,2} 0 [0-9a-f]{12} [2-6]$/
const sentences = /^[^\n]+$/

describe('in an ordinary container', () => {
  test('the filter of system calls is named as what to change', async () => {
    const { probe, error, ran, text } = await runJob(host, {})
    expect(ran).toBeUndefined()
    expect(probe).toMatchObject({ usable: false, environment: 'container' })
    expect(probe.lacks[0]).toMatchObject({
      feature: 'user namespaces',
      fatal: true,
      problem: expect.stringContaining('system calls are filtered'),
      fix: expect.stringContaining("seccomp: 'unconfined'"),
    })
    expect(error).toMatchObject({
      code: 'ERR_HOST_UNSUPPORTED',
      message: expect.stringMatching(sentences),
      hint: probe.lacks[0]?.fix,
    })
    expect(text).toContain(probe.lacks[0]?.fix)
  })

  test('without that filter, the covered parts of /proc are', async () => {
    const { probe, error, ran } = await runJob(host, { seccomp: 'unconfined' })
    expect(ran).toBeUndefined()
    expect(probe.usable).toBe(false)
    expect(probe.lacks[0]).toMatchObject({ feature: 'procfs', fatal: true })
    expect(probe.lacks[0]?.fix).toMatch(/systempaths=unconfined.*unmask=ALL.*privileged: true/)
    expect(error).toMatchObject({
      code: 'ERR_PERMISSION',
      hint: expect.stringMatching(/systempaths=unconfined.*privileged: true/),
    })
  })
})

describe('in a privileged container, which has no power over the host', () => {
  test('containers run, with the ids of the outer one', async () => {
    const { probe, ran, info, error } = await runJob(host, { privileged: true })
    expect(error).toBeUndefined()
    expect(probe).toMatchObject({ usable: true, environment: 'container' })
    expect(ran).toMatch(ranInside)
    const { idMap } = await host.engine.info()
    expect(info).toEqual({ idMap: idMap === 'single' ? 'single' : 'subids', snapshotter: 'overlay' })
  })

  test('the limits that cannot be had are told, with what the outer one lacks', async () => {
    const { probe } = await runJob(host, { privileged: true })
    if (probe.cgroup.controllers.includes('memory')) return
    const lack = probe.lacks.find(({ feature }) => feature.includes('memory'))
    expect(lack).toMatchObject({ fatal: false, fix: expect.stringContaining('writable cgroup tree') })
  })

  test('with data on the overlay that its own root is, layers are copied', async () => {
    const { probe, ran, info, error } = await runJob(host, { privileged: true }, '/var/tmp/job')
    expect(error).toBeUndefined()
    expect(probe.lacks).toContainEqual(expect.objectContaining({ feature: 'overlay', fatal: false }))
    expect(info?.snapshotter).toBe('copy')
    expect(ran).toMatch(ranInside)
  })

  test('an ordinary user in it has one id', async () => {
    const { idMap } = await host.engine.info()
    if (idMap === 'single') return
    const options = { privileged: true, user: '1000:1000', noNewPrivileges: false }
    const { info, ran, error } = await runJob(host, options, '/tmp/job')
    expect(error).toBeUndefined()
    expect(info?.idMap).toBe('single')
    expect(ran).toMatch(ranInside)
  })
})
