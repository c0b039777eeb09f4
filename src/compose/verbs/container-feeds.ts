// SPDX-License-Identifier: Apache-2.0
import { Container, EngineError } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import { AsyncQueue } from '../../util/async-queue.js'
import { composeLabels } from '../project/labels.js'
import { described, type ProjectContainer } from '../run/project-containers.js'
import type { ProjectIdentity } from '../run/running-project.js'

/** What is read of each container. */
export interface FeedOptions<T> {
  readonly services?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Called each time that a container has started, too: it goes on where it was. */
  open(container: ProjectContainer, signal: AbortSignal): AsyncIterable<T>
}

interface Feed {
  readonly source: ProjectContainer
  isRead: boolean
  again: boolean
}

/** So many things wait for a slow reader; then the containers' logs do. */
const capacity = 256

/** What the containers of a project give, those that come later too, in one loop in the order of arrival. */
export class ContainerFeeds<T> {
  readonly #project: ProjectIdentity
  readonly #options: FeedOptions<T>
  readonly #queue: AsyncQueue<T>
  readonly #cancel = new AbortController()
  readonly #feeds = new Map<string, Feed>()
  readonly #early = new Set<string>()
  readonly #stop: () => void
  #begun = false

  /** From now on it hears of containers that start. */
  constructor(project: ProjectIdentity, options: FeedOptions<T>) {
    options.signal?.throwIfAborted()
    this.#project = project
    this.#options = options
    this.#queue = new AsyncQueue<T>({ capacity, onLeave: () => this.close() })
    this.#stop = onAbort(options.signal, (reason) => this.#fail(reason))
    this.#listen().then(
      () => this.#queue.close(),
      (error) => this.#fail(error),
    )
  }

  /** Reads these, and all that have started meanwhile or will; until the loop is left, the signal aborts or the engine closes. */
  entries(known: readonly ProjectContainer[]): AsyncIterableIterator<T> {
    for (const source of known) this.#read(source)
    this.#begun = true
    for (const id of this.#early) this.#add(id)
    return this.#queue
  }

  close(): void {
    this.#stop()
    this.#cancel.abort()
    this.#queue.close()
  }

  async #listen(): Promise<void> {
    const { engine, origin } = this.#project
    const labels = { [composeLabels.project]: origin.name }
    const filter = { types: ['running'], labels } as const
    try {
      for await (const event of engine.events({ filter, signal: this.#cancel.signal }))
        if ('container' in event && this.#isWanted(event.container.labels)) this.#add(event.container.id)
    } catch (error) {
      if (!this.#cancel.signal.aborted) throw error
    }
  }

  #isWanted(labels: Readonly<Record<string, string>>): boolean {
    const { services } = this.#options
    const isOneOff = labels[composeLabels.oneoff]?.toLowerCase() === 'true'
    return !isOneOff && (services === undefined || services.includes(labels[composeLabels.service] ?? ''))
  }

  #add(id: string): void {
    const feed = this.#feeds.get(id)
    if (feed) this.#read(feed.source)
    else if (!this.#begun) this.#early.add(id)
    else
      Container.get(id, { engine: this.#project.engine })
        .then((container) => {
          const source = described(container)
          if (source) this.#read(source)
        })
        .catch((error) => this.#failUnlessGone(error))
  }

  #read(source: ProjectContainer): void {
    const feed = this.#feeds.get(source.container.id) ?? { source, isRead: false, again: false }
    this.#feeds.set(source.container.id, feed)
    feed.again = true
    if (!feed.isRead) this.#pass(feed).catch((error) => this.#failUnlessGone(error))
  }

  async #pass(feed: Feed): Promise<void> {
    feed.isRead = true
    try {
      while (feed.again && !this.#cancel.signal.aborted) {
        feed.again = false
        const source = this.#options.open(feed.source, this.#cancel.signal)
        for await (const item of source) if (!(await this.#queue.push(item))) return
      }
    } finally {
      feed.isRead = false
    }
  }

  // Containers go while they are looked at.
  #failUnlessGone(error: unknown): void {
    if (this.#cancel.signal.aborted || isGone(error)) return
    this.#fail(error)
  }

  #fail(error: unknown): void {
    this.#queue.fail(error)
    this.close()
  }
}

/** Whether a container was removed, or ended, while something was asked of it. */
export const isGone = (error: unknown): boolean =>
  EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND') || EngineError.is(error, 'ERR_CONTAINER_STATE')
