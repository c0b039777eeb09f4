// SPDX-License-Identifier: Apache-2.0

/** A map on top of another one that it does not copy, so that thousands of stages on each other stay cheap. */
export class LayeredMap<V> {
  private readonly own = new Map<string, V>()

  constructor(private readonly below: LayeredMap<V> | null = null) {}

  /** Adds or replaces; what is replaced keeps its place. */
  set(name: string, value: V): void {
    this.own.set(name, value)
  }

  /** All entries, those below first. */
  flatten(): ReadonlyMap<string, V> {
    const layers: LayeredMap<V>[] = []
    for (let layer: LayeredMap<V> | null = this; layer; layer = layer.below) layers.push(layer)
    return new Map(layers.reverse().flatMap((layer) => [...layer.own]))
  }
}
