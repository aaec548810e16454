/** TXT records of a domain, from the DNS of the machine. */
import { NOTFOUND } from 'node:dns'
import { Resolver } from 'node:dns/promises'

export interface TxtResolver {
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>
  /** Cancels pending queries. */
  cancel?(): void
}

const timeoutMs = 10_000

/** Names without DNS records by definition (RFC 6761 6, RFC 6762). */
const reserved = /(^|\.)(test|example|invalid|localhost|local)$/

export function systemResolver(): TxtResolver {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  return {
    resolveTxt: async (name) => {
      if (reserved.test(name)) throw Object.assign(new Error('a reserved name'), { code: NOTFOUND })
      return resolver.resolveTxt(name)
    },
    cancel: () => resolver.cancel(),
  }
}

/** Each record joined from its strings (RFC 7208 3.3), or why they cannot be read. */
export async function txtRecords(resolver: TxtResolver, domain: string): Promise<readonly string[] | string> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, timeoutMs)
  try {
    const records = await Promise.race([resolver.resolveTxt(domain), late])
    return records?.map((pieces) => pieces.join('')) ?? 'DNS does not answer (no answer in time)'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
    return code === 'ENODATA' || code === 'ENOTFOUND' ? [] : `DNS does not answer (${code})`
  } finally {
    clearTimeout(timer)
  }
}
