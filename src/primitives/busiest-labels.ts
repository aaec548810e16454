/**
 * Counts by label, of at most `max` labels: the busiest. All others count together. An event counts
 * once, where its label counts then, so that every count only grows.
 */

interface Shown<Counts> {
  /** Events, older ones less. */
  activity: number
  readonly counts: Counts
}

export interface BusiestLabelsOptions<Counts> {
  readonly max: number
  readonly make: () => Counts
  /** Events between two looks at which labels are the busiest. Default 10,000. */
  readonly rebalanceEvery?: number
}

/** How many others are compared, as a factor of `max`: made-up labels must not fill the memory. */
const pendingFactor = 10
/** How much busier a label must be to replace another, so that two do not alternate. */
const replaceFactor = 2

export class BusiestLabels<Counts> {
  readonly others: Counts
  readonly #max: number
  readonly #make: () => Counts
  readonly #rebalanceEvery: number
  readonly #shown = new Map<string, Shown<Counts>>()
  /** Activity of labels without counts of their own, the least recently used first. */
  readonly #pending = new Map<string, number>()
  #events = 0

  constructor({ max, make, rebalanceEvery = 10_000 }: BusiestLabelsOptions<Counts>) {
    this.#max = max
    this.#make = make
    this.#rebalanceEvery = rebalanceEvery
    this.others = make()
  }

  /** The counts to which an event of this label adds now. */
  countsOf(label: string): Counts {
    this.#events += 1
    if (this.#events % this.#rebalanceEvery === 0) this.#rebalance()
    const shown = this.#shown.get(label) ?? (this.#shown.size < this.#max ? this.#show(label, 0) : undefined)
    if (shown === undefined) {
      this.#wait(label, (this.#pending.get(label) ?? 0) + 1)
      return this.others
    }
    shown.activity += 1
    return shown.counts
  }

  /** The labels that count alone. */
  shown(): readonly (readonly [label: string, counts: Counts])[] {
    return [...this.#shown].map(([label, { counts }]) => [label, counts])
  }

  /** How many labels it remembers. */
  get size(): number {
    return this.#shown.size + this.#pending.size
  }

  #show(label: string, activity: number): Shown<Counts> {
    const shown = { activity, counts: this.#make() }
    this.#shown.set(label, shown)
    this.#pending.delete(label)
    return shown
  }

  #wait(label: string, activity: number): void {
    this.#pending.delete(label)
    this.#pending.set(label, activity)
    if (this.#pending.size <= this.#max * pendingFactor) return
    for (const oldest of this.#pending.keys()) {
      this.#pending.delete(oldest)
      return
    }
  }

  #rebalance(): void {
    const pending = [...this.#pending].toSorted(([, one], [, other]) => other - one)
    const weakest = [...this.#shown].toSorted(([, one], [, other]) => one.activity - other.activity)
    for (const [at, [label, activity]] of pending.entries()) {
      const [weakLabel, weak] = weakest[at] ?? []
      if (weakLabel === undefined || weak === undefined || activity < weak.activity * replaceFactor) break
      this.#shown.delete(weakLabel)
      this.#show(label, activity)
      this.#wait(weakLabel, weak.activity)
    }
    for (const shown of this.#shown.values()) shown.activity /= 2
    for (const [label, activity] of this.#pending) this.#pending.set(label, activity / 2)
  }
}
