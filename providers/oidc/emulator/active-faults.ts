/** The faults that an emulated upstream has now. */
export class ActiveFaults<Name extends string, Value> {
  readonly #table: Readonly<Record<Name, string>>
  readonly #active = new Map<Name, Value | true>()

  /** @param table every fault with its description */
  constructor(table: Readonly<Record<Name, string>>) {
    this.#table = table
  }

  /** `false` ends the fault. */
  set(name: Name, value: Value | boolean = true): void {
    if (value === false) this.#active.delete(name)
    else this.#active.set(name, value as Value | true)
  }

  /** `set` for a name from a form; ignores unknown names. */
  switch(name: string, value: Value | boolean): void {
    if (Object.hasOwn(this.#table, name)) this.set(name as Name, value)
  }

  reset(): void {
    this.#active.clear()
  }

  has(name: Name): boolean {
    return this.#active.has(name)
  }

  value(name: Name): Value | true | undefined {
    return this.#active.get(name)
  }

  names(): readonly Name[] {
    return [...this.#active.keys()]
  }
}
