/** `gatehouse domains check`: whether a tenant's email domains have their DNS record. */
import { domainRecord, provesDomain } from '../broker/identity/domain-verification.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { systemResolver, type TxtResolver, txtRecords } from '../outbound/txt-records.ts'
import { readConfig, requireKnown } from './open.ts'
import type { Options, Output } from './options.ts'

/** Code 0 when every domain of the tenant's connections has its record. */
export async function checkDomains(options: Options, resolver: TxtResolver = systemResolver()): Promise<Output> {
  const config = await readConfig(options)
  const tenant = requireKnown('tenant', options.tenant, config.tenants)
  const domains = [...new Set(tenant.connections.flatMap((connection) => connection.domains))]
  if (domains.length === 0) return `no connection of ${tenant.id} has email domains`
  const keyRing = new KeyRing(await loadKeyRingSecrets(config.deployment))
  const lines: string[] = []
  let code = 0
  for (const domain of domains) {
    const found = await txtRecords(resolver, domain)
    if (typeof found !== 'string' && provesDomain(keyRing, tenant.id, domain, found))
      lines.push(`ok  ${domain}: record found`)
    else {
      code = 1
      lines.push(`NO  ${domain}: ${typeof found === 'string' ? found : 'record missing'}`)
      lines.push(`    ${domain}. TXT "${domainRecord(keyRing, tenant.id, domain)}"`)
    }
  }
  if (code === 1) lines.push('A running Gatehouse finds a new record within about ten minutes.')
  return { text: lines.join('\n'), code }
}
