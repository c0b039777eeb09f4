// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'
import { isGone } from '../verbs/container-feeds.js'

interface Sample {
  readonly totalNs: number
  readonly atMs: number
}

/** Measures how much of their processors containers use, from one call to the next. */
export class CpuMeter {
  readonly #cpus: number
  #samples: ReadonlyMap<string, Sample> = new Map()

  /** What each may use is all of one processor, unless the service has a limit. */
  constructor({ cpus, deploy }: ServiceModel) {
    this.#cpus = Number(cpus ?? deploy?.resources?.limits?.cpus ?? 1) || 1
  }

  /**
   * Percent of what they may use, on average; null unless all of them were there at the last call, too. ERR_UNSUPPORTED where the kernel does not count it.
   */
  async measure(containers: readonly Container[], signal: AbortSignal | undefined): Promise<number | null> {
    const before = this.#samples
    const taken = await Promise.all(containers.map(async (one) => [one.id, await sampleOf(one, signal)] as const))
    this.#samples = new Map(taken.filter((entry): entry is [string, Sample] => entry[1] !== undefined))
    const shares = [...this.#samples].map(([id, now]) => this.#share(before.get(id), now))
    if (shares.length === 0 || shares.some((share) => share === null)) return null
    return shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) / shares.length
  }

  #share(before: Sample | undefined, now: Sample): number | null {
    if (before === undefined || now.atMs <= before.atMs) return null
    return ((now.totalNs - before.totalNs) / 1e6 / (now.atMs - before.atMs) / this.#cpus) * 100
  }
}

async function sampleOf(container: Container, signal: AbortSignal | undefined): Promise<Sample | undefined> {
  try {
    for await (const { cpu, time } of container.stats({ signal })) {
      if (cpu.totalNs === null) throw uncounted(container)
      return { totalNs: cpu.totalNs, atMs: time.getTime() }
    }
  } catch (error) {
    if (!isGone(error)) throw error
  }
  return undefined
}

const uncounted = ({ name }: Container): EngineError =>
  new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `what container '${name}' uses of the processors is not counted here`,
    object: name,
    hint: 'it takes a cgroup: Engine.probe() says what is missing',
  })
