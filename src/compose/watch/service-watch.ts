// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { findContainers } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { applyChanges, runHook } from './apply-changes.js'
import { type TreeChanges, TreeWatch } from './tree-watch.js'
import type { WatchEvent } from './watch-event.js'
import type { WatchRule } from './watch-rule.js'

/** What is done to a whole service. */
export interface ServiceTools {
  /** Builds it and makes its containers anew. */
  rebuild(service: string, signal: AbortSignal): Promise<void>
  /** Stops and starts its containers. */
  restart(service: string, signal: AbortSignal): Promise<void>
}

interface Parts {
  readonly project: RunningProject
  readonly tools: ServiceTools
  readonly signal: AbortSignal
  readonly quietMs: number
  readonly owner: string | undefined
  tell(event: WatchEvent): void
}

interface Batch extends TreeChanges {
  readonly rule: WatchRule
}

/** The paths of one service, and what is done about their changes: one thing after the other. */
export class ServiceWatch {
  readonly #service: string
  readonly #parts: Parts
  readonly #trees: TreeWatch[] = []
  #batches: Batch[] = []
  #working: Promise<void> | undefined

  private constructor(service: string, parts: Parts) {
    this.#service = service
    this.#parts = parts
  }

  static async open(service: string, rules: readonly WatchRule[], parts: Parts): Promise<ServiceWatch> {
    const watch = new ServiceWatch(service, parts)
    try {
      for (const rule of rules) await watch.#open(rule)
      return watch
    } catch (error) {
      await watch.close()
      throw error
    }
  }

  /** Waits for what is being done; its signal ends that. */
  async close(): Promise<void> {
    for (const tree of this.#trees) tree.close()
    await this.#working
  }

  async #open(rule: WatchRule): Promise<void> {
    const { quietMs, tell } = this.#parts
    const { service, path, action } = rule
    const tree = await TreeWatch.open(path, {
      quietMs,
      wants: rule.wants,
      onChanges: (changes) => this.#take({ rule, ...changes }),
      onError: (error) => tell({ type: 'failed', service, action, error }),
    })
    this.#trees.push(tree)
    tell({ type: 'watching', service, path, action })
    if (rule.copiesFirst && action.startsWith('sync')) this.#take({ rule, written: tree.paths, removed: new Set() })
  }

  #take(batch: Batch): void {
    this.#batches.push(batch)
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  async #work(): Promise<void> {
    // Rules of one service that see the same change are told of it one after the other.
    await Promise.resolve()
    while (this.#batches.length > 0 && !this.#parts.signal.aborted) {
      const batches = this.#batches.splice(0)
      for (const { rule, written, removed } of batches) {
        const { service, action, path } = rule
        const onHost = (paths: ReadonlySet<string>) => [...paths].map((below) => join(path, below))
        this.#parts.tell({ type: 'changed', service, action, written: onHost(written), removed: onHost(removed) })
      }
      // A container that is made anew has everything that there is.
      const rebuilt = batches.find(({ rule }) => rule.action === 'rebuild')
      if (rebuilt) await this.#guard(rebuilt.rule, () => this.#whole('rebuilt'))
      else for (const batch of batches) await this.#guard(batch.rule, () => this.#act(batch))
    }
  }

  async #guard({ service, action }: WatchRule, act: () => Promise<void>): Promise<void> {
    const { signal, tell } = this.#parts
    try {
      await act()
    } catch (error) {
      if (!signal.aborted) tell({ type: 'failed', service, action, error })
    }
  }

  async #act(batch: Batch): Promise<void> {
    const { action } = batch.rule
    if (action.startsWith('sync')) await this.#sync(batch)
    if (action === 'restart' || action === 'sync+restart') await this.#whole('restarted')
  }

  async #sync({ rule, written, removed }: Batch): Promise<void> {
    const { project, signal, owner, tell } = this.#parts
    const { service, path, target, exec } = rule
    const found = await findContainers(project, { services: [service], signal })
    await Promise.all(
      found.map(async ({ container }) => {
        const began = performance.now()
        await applyChanges(container, { path, target, owner, written, removed }, signal)
        const about = { service, container: container.name }
        const durationMs = performance.now() - began
        tell({ type: 'synced', ...about, written: written.size, removed: removed.size, durationMs })
        if (exec && rule.action === 'sync+exec')
          tell({ type: 'executed', ...about, exitCode: await runHook(container, exec, signal) })
      }),
    )
  }

  async #whole(type: 'restarted' | 'rebuilt'): Promise<void> {
    const { tools, signal, tell } = this.#parts
    const began = performance.now()
    const service = this.#service
    await (type === 'rebuilt' ? tools.rebuild(service, signal) : tools.restart(service, signal))
    tell({ type, service, durationMs: performance.now() - began })
  }
}
