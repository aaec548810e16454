/**
 * Connections of guarded calls. Direct: a name is resolved once, and that address is connected to.
 * Through a proxy: the name is resolved and checked here, then resolved again by the proxy.
 */
import { type LookupAddress, lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import { type AllowList, isPublicAddress, withoutBrackets } from '../primitives/network-address.ts'

export interface Routes {
  readonly direct: Readonly<Record<'http:' | 'https:', Dispatcher>>
  through(proxy: URL): Dispatcher
  /** Throws `AddressRefused` or `UnknownHost`. @param proxyResolves allows unknown names */
  assertAllowedHost(url: URL, proxyResolves: boolean): Promise<void>
  close(): Promise<void>
}

export interface RouteOptions {
  readonly allowList: AllowList
  readonly timeoutMs: number
  readonly ca: readonly string[]
}

export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED'
}

export class UnknownHost extends Error {}

/** An origin that hangs must not use up all sockets. */
const connectionsPerOrigin = 32

export async function openRoutes({ allowList, timeoutMs, ca }: RouteOptions): Promise<Routes> {
  const { Agent, ProxyAgent } = await import('undici') // saves 100 ms and 28 MB at the start
  const trusted = ca.length === 0 ? {} : { ca: [...getCACertificates('default'), ...ca] }
  const limits = {
    connections: connectionsPerOrigin,
    keepAliveTimeout: 10_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  }
  const allowed: AddressFilter = (host, address) => allowList.allowsHost(host) || allowList.allowsAddress(address)
  const permits = {
    'http:': allowed,
    'https:': (host: string, address: string) => allowed(host, address) || isPublicAddress(address),
  }
  const agent = (lookup: LookupFunction) =>
    new Agent({ ...limits, connect: { lookup, timeout: timeoutMs, ...trusted } })
  const direct = { 'http:': agent(guardedLookup(permits['http:'])), 'https:': agent(guardedLookup(permits['https:'])) }
  const proxied = new Map<string, Dispatcher>()

  return {
    direct,
    through(proxy) {
      const known = proxied.get(proxy.href)
      if (known !== undefined) return known
      const tls = { timeout: timeoutMs, ...trusted }
      const opened = new ProxyAgent({ ...limits, uri: proxy.href, proxyTunnel: true, requestTls: tls, proxyTls: tls })
      proxied.set(proxy.href, opened)
      return opened
    },
    async assertAllowedHost({ hostname, protocol }, proxyResolves) {
      const host = withoutBrackets(hostname)
      const addresses = await addressesOf(host)
      if (addresses === undefined && proxyResolves && (protocol === 'https:' || allowList.allowsHost(host))) return
      if (addresses === undefined) throw new UnknownHost()
      const isPermitted = permits[protocol === 'http:' ? 'http:' : 'https:']
      // all of them, since the proxy may choose any
      if (!addresses.every(({ address }) => isPermitted(host, address))) throw new AddressRefused()
    },
    async close() {
      await Promise.all([...Object.values(direct), ...proxied.values()].map((each) => each.destroy()))
    },
  }
}

type AddressFilter = (host: string, address: string) => boolean

/** Undefined for an unknown name. */
function addressesOf(host: string): Promise<readonly LookupAddress[] | undefined> {
  return new Promise((done) => {
    resolve(host, { all: true }, (failure, addresses) => done(failure ? undefined : addresses))
  })
}

/** Returns only permitted addresses. */
function guardedLookup(permits: AddressFilter): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (failure, addresses) => {
      if (failure) return done(failure, [])
      const [first, ...rest] = addresses.filter(({ address }) => permits(host, address))
      if (first === undefined) return done(new AddressRefused(), [])
      if (options.all) return done(null, [first, ...rest])
      done(null, first.address, first.family)
    })
  }
}
