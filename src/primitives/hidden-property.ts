/**
 * A value on a short-lived object: a request, or a session as read from a store. A WeakMap keeps
 * it longer: V8's scavenger promotes all values of an old WeakMap.
 */
export class HiddenProperty<Owner extends object, Value> {
  readonly #key = Symbol('hidden')

  get(owner: Owner): Value | undefined {
    return (owner as { readonly [key: symbol]: Value | undefined })[this.#key]
  }

  /** Not enumerable: copies and JSON omit it. Throws a TypeError for a frozen owner. */
  set(owner: Owner, value: Value): void {
    Object.defineProperty(owner, this.#key, { value, writable: true, configurable: true })
  }
}
