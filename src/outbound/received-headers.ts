/**
 * Headers of a response. Most are never read, and a `Headers` checks each, so it is made on demand.
 */
import type { IncomingHttpHeaders } from 'node:http'

export class ReceivedHeaders extends Headers {
  #received: IncomingHttpHeaders | undefined

  /** @param received by name in lower case */
  constructor(received: IncomingHttpHeaders) {
    super()
    this.#received = received
  }

  override get(name: string): string | null {
    if (this.#received === undefined) return super.get(name)
    const key = name.toLowerCase()
    const value = Object.hasOwn(this.#received, key) ? this.#received[key] : undefined
    return value === undefined ? null : typeof value === 'string' ? value.trim() : value.join(', ')
  }

  override has(name: string): boolean {
    return this.get(name) !== null
  }

  #complete(): void {
    const received = this.#received ?? {}
    this.#received = undefined
    for (const [name, value] of Object.entries(received))
      for (const one of [value ?? []].flat()) super.append(name, one)
  }

  override append(name: string, value: string): void {
    this.#complete()
    super.append(name, value)
  }

  override delete(name: string): void {
    this.#complete()
    super.delete(name)
  }

  override set(name: string, value: string): void {
    this.#complete()
    super.set(name, value)
  }

  override getSetCookie(): string[] {
    this.#complete()
    return super.getSetCookie()
  }

  override forEach(...given: Parameters<Headers['forEach']>): void {
    this.#complete()
    super.forEach(...given)
  }

  override keys(): ReturnType<Headers['keys']> {
    this.#complete()
    return super.keys()
  }

  override values(): ReturnType<Headers['values']> {
    this.#complete()
    return super.values()
  }

  override entries(): ReturnType<Headers['entries']> {
    this.#complete()
    return super.entries()
  }

  override [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.entries()
  }
}
