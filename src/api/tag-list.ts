// SPDX-License-Identifier: Apache-2.0

/** Tags of a repository: awaited they are an array; a loop gets them page by page, and may stop. Each asks anew. */
export class TagList implements PromiseLike<readonly string[]>, AsyncIterable<string> {
  readonly #list: () => AsyncIterable<string>

  /** @internal */
  constructor(list: () => AsyncIterable<string>) {
    this.#list = list
  }

  /** Called by `await`, which is what asks for the whole list: a list that is only looped over is never collected. */
  // biome-ignore lint/suspicious/noThenProperty: to be awaited is what this class is for
  then<A = readonly string[], B = never>(
    onResolved?: ((tags: readonly string[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#all().then(onResolved, onRejected)
  }

  /** The tags in the registry's order. */
  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#list()[Symbol.asyncIterator]()
  }

  async #all(): Promise<readonly string[]> {
    const tags: string[] = []
    for await (const tag of this.#list()) tags.push(tag)
    return tags
  }
}
