/**
 * Origin of the current request, for audit events. The HTTP server enters it once for all requests
 * but session checks; background jobs and the command line have none.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { bareAddress } from '../primitives/client-network.ts'
import { truncate } from '../primitives/untrusted-text.ts'

export interface RequestOrigin {
  /** IP address of the client. */
  readonly address: string | undefined
  /** User-Agent, at most 300 characters. */
  readonly agent: string | undefined
}

type Forwarded = string | readonly string[] | undefined

const current = new AsyncLocalStorage<RequestOrigin>()

type OriginRequest = Pick<IncomingMessage, 'headers' | 'socket'>

export function withRequestOrigin(
  request: OriginRequest,
  isProxy: (address: string) => boolean,
  work: () => void,
): void {
  current.run(originOf(request, isProxy), work)
}

/** @param isProxy whether X-Forwarded-For of this address counts (CF-04) */
export function originOf(request: OriginRequest, isProxy: (address: string) => boolean): RequestOrigin {
  return new LazyOrigin(request, isProxy)
}

/** Read when needed: few requests record an event or have an API token. */
class LazyOrigin implements RequestOrigin {
  readonly #peer: string | undefined
  readonly #forwarded: Forwarded
  readonly #agent: string | undefined
  readonly #isProxy: (address: string) => boolean
  #address: { readonly read: string | undefined } | undefined

  constructor({ socket, headers }: OriginRequest, isProxy: (address: string) => boolean) {
    this.#peer = socket.remoteAddress
    this.#forwarded = headers['x-forwarded-for']
    this.#agent = headers['user-agent']
    this.#isProxy = isProxy
  }

  get address(): string | undefined {
    this.#address ??= { read: this.#readAddress() }
    return this.#address.read
  }

  #readAddress(): string | undefined {
    const address = bareAddress(clientAddress(this.#peer ?? '', this.#forwarded, this.#isProxy))
    return isIP(address) === 0 ? undefined : address
  }

  get agent(): string | undefined {
    return this.#agent === undefined ? undefined : truncate(this.#agent)
  }
}

export const requestOrigin = (): RequestOrigin | undefined => current.getStore()

/** The last address that is no trusted proxy, as in Express. */
export function clientAddress(peer: string, header: Forwarded, isProxy: (address: string) => boolean): string {
  let address = asIPv4(peer)
  if (header === undefined) return address
  const forwarded = [header].flat().join(',').split(',')
  while (forwarded.length > 0 && isProxy(address)) {
    const before = asIPv4(forwarded.pop()?.trim() ?? '')
    if (before === '') break
    address = before
  }
  return address
}

/** The address, with an IPv4-mapped IPv6 address as IPv4. */
export const asIPv4 = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
