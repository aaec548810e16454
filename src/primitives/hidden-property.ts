/**
 * A value kept on an object that lives for one request, such as the request itself. A WeakMap would keep it for longer:
 * V8's scavenger treats every value of an old WeakMap as live and promotes it with all that it refers to.
 */
export class HiddenProperty<Owner extends object, Value> {
  readonly #key = Symbol('hidden')

  get(owner: Owner): Value | undefined {
    return (owner as { readonly [key: symbol]: Value | undefined })[this.#key]
  }

  /** Not enumerable: copies and JSON of the owner leave it out. Throws a TypeError for a frozen owner. */
  set(owner: Owner, value: Value): void {
    Object.defineProperty(owner, this.#key, { value, writable: true, configurable: true })
  }
}
