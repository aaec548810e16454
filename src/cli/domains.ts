/** `gatehouse domains check`: whether a tenant's email domains have their DNS record. */
import { domainRecord, provesDomain } from '../broker/identity/domain-verification.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { systemResolver, type TxtResolver, txtRecords } from '../outbound/txt-records.ts'
import { choose } from './choose.ts'
import { readConfig } from './commands.ts'
import type { Options } from './options.ts'
import { print } from './output.ts'

/** Returns 0 when every domain of the tenant's connections has its record. */
export async function checkDomains(options: Options, resolver: TxtResolver = systemResolver()): Promise<number> {
  const config = await readConfig(options)
  if (config === null) return 1
  const tenant = choose('tenant', options.tenant, config.tenants)
  const domains = [...new Set(tenant.connections.flatMap((connection) => connection.domains))]
  if (domains.length === 0) print(`no connection of ${tenant.id} has email domains`)

  const keyRing = new KeyRing(await loadKeyRingSecrets(config.deployment))
  let missing = 0
  for (const domain of domains) {
    const found = await txtRecords(resolver, domain)
    const proven = typeof found !== 'string' && provesDomain(keyRing, tenant.id, domain, found)
    if (!proven) missing += 1
    const finding = proven ? 'record found' : typeof found === 'string' ? found : 'record missing'
    print(`${proven ? 'ok' : 'NO'}  ${domain}: ${finding}`)
    if (!proven) print(`    ${domain}. TXT "${domainRecord(keyRing, tenant.id, domain)}"`)
  }
  if (missing > 0) print('A running Gatehouse finds a new record within about ten minutes.')
  return missing === 0 ? 0 : 1
}
