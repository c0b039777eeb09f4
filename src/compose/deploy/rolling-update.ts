// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { delay } from '../../util/delay.js'
import type { RollingPolicy } from './rolling-policy.js'

/** What is done to single containers. */
export interface RollingSteps<Old, New> {
  /** Makes and starts the one that comes in the place of another. Of what fails nothing is left. */
  make(old: Old): Promise<New>
  /** Resolves when it is as it has to be, and has been for so long. */
  settle(made: New, monitorMs: number): Promise<void>
  /** Stops and removes one that was made. */
  discard(made: New): Promise<void>
  stop(old: Old): Promise<void>
  startAgain(old: Old): Promise<void>
  /** It was stopped, and is not needed any more. */
  remove(old: Old): Promise<void>
  /** Told of each that could not be replaced, and runs again. */
  failed(old: Old, error: unknown): void
}

/** What is replaced, and how. */
export interface RollingUpdate<Old, New> {
  readonly service: string
  readonly old: readonly Old[]
  readonly update: RollingPolicy
  readonly rollback: RollingPolicy
  readonly steps: RollingSteps<Old, New>
  readonly signal: AbortSignal
}

/**
 * Replaces containers group by group: an old one goes when the new one is healthy, and is back where that fails. When more fail than may, the rest stays as it is,
 * is replaced all the same, or all is as it was before, as the policy says: ERR_COMPOSE_UPDATE then, but for `continue`. What is there afterwards of each.
 */
export async function rollingUpdate<Old, New>(work: RollingUpdate<Old, New>): Promise<ReadonlyMap<Old, New | Old>> {
  const { old, update, signal } = work
  const slots = old.map((one) => new Slot(one, work))
  const failures: unknown[] = []
  for (const [index, group] of groupsOf(slots, update.parallelism).entries()) {
    if (index > 0) await delay(update.delayMs, signal)
    signal.throwIfAborted()
    const settled = await Promise.allSettled(group.map((slot) => slot.update()))
    signal.throwIfAborted()
    for (const one of settled) if (one.status === 'rejected') failures.push(one.reason)
    if (failures.length / slots.length <= update.maxFailureRatio || update.onFailure === 'continue') continue
    if (update.onFailure === 'rollback') await rollBack(slots, work)
    throw updateFailed(work, failures)
  }
  await Promise.all(slots.map((slot) => slot.finish()))
  return new Map(slots.map((slot) => [slot.old, slot.made ?? slot.old]))
}

async function rollBack<Old, New>(slots: readonly Slot<Old, New>[], { rollback }: RollingUpdate<Old, New>) {
  const updated = slots.filter(({ made }) => made !== undefined).reverse()
  for (const [index, group] of groupsOf(updated, rollback.parallelism).entries()) {
    if (index > 0) await delay(rollback.delayMs)
    await Promise.all(group.map((slot) => slot.restore(rollback.order)))
  }
}

/** The place of one container. */
class Slot<Old, New> {
  readonly old: Old
  readonly #work: RollingUpdate<Old, New>
  made: New | undefined
  #isStopped = false

  constructor(old: Old, work: RollingUpdate<Old, New>) {
    this.old = old
    this.#work = work
  }

  async update(): Promise<void> {
    const { update, steps } = this.#work
    try {
      if (update.order === 'stop-first') await this.#stop()
      this.made = await steps.make(this.old)
      await steps.settle(this.made, update.monitorMs)
      if (update.order === 'start-first') await this.#stop()
      // What could still be wanted again stays until the last one is replaced.
      if (update.onFailure !== 'rollback') await this.finish()
    } catch (error) {
      await this.restore('stop-first')
      steps.failed(this.old, error)
      throw error
    }
  }

  /** The old one runs again, and the new one is gone. */
  async restore(order: RollingPolicy['order']): Promise<void> {
    const { steps } = this.#work
    const { made } = this
    this.made = undefined
    if (order === 'start-first') await this.#start()
    if (made !== undefined) await steps.discard(made)
    await this.#start()
  }

  async finish(): Promise<void> {
    if (!this.#isStopped) return
    this.#isStopped = false
    await this.#work.steps.remove(this.old)
  }

  async #stop(): Promise<void> {
    this.#isStopped = true
    await this.#work.steps.stop(this.old)
  }

  async #start(): Promise<void> {
    if (!this.#isStopped) return
    this.#isStopped = false
    await this.#work.steps.startAgain(this.old)
  }
}

function groupsOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  const step = Math.min(size, Math.max(all.length, 1))
  const count = Math.ceil(all.length / step)
  return Array.from({ length: count }, (_, index) => all.slice(index * step, (index + 1) * step))
}

function updateFailed<Old, New>({ service, old, update }: RollingUpdate<Old, New>, failures: readonly unknown[]) {
  const [first] = failures
  const why = first instanceof Error ? first.message : String(first)
  const left = update.onFailure === 'rollback' ? 'all is as it was before' : 'the others were left as they were'
  return new EngineError({
    code: 'ERR_COMPOSE_UPDATE',
    message: `service '${service}': ${failures.length} of ${old.length} containers could not be replaced, and ${left}: ${why}`,
    object: service,
    hint: 'deploy.update_config.failure_action says what becomes of the others',
    cause: first,
  })
}
