/** `gatehouse domains check`: whether a tenant's email domains carry the DNS record that shows they are its own. */
import { domainRecord, provesDomain } from '../broker/identity/domain-verification.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { systemResolver, type TxtResolver, txtRecords } from '../outbound/txt-records.ts'
import { readConfig } from './commands.ts'
import type { Options } from './options.ts'

/** 0 when every domain of the tenant's connections has its record. */
export async function checkDomains(options: Options, resolver: TxtResolver = systemResolver()): Promise<number> {
  const config = await readConfig(options)
  if (config === null) return 1
  const tenant = config.tenants.find(({ id }) => id === options.tenant)
  if (tenant === undefined)
    throw new Error(`name a tenant with --tenant: ${config.tenants.map(({ id }) => id).join(', ')}`)
  const domains = [...new Set(tenant.connections.flatMap((connection) => connection.domains))]
  if (domains.length === 0) process.stdout.write(`no connection of ${tenant.id} speaks for an email domain\n`)

  const keyRing = new KeyRing(await loadKeyRingSecrets(config.deployment))
  let missing = 0
  for (const domain of domains) {
    const found = await txtRecords(resolver, domain)
    const proven = typeof found !== 'string' && provesDomain(keyRing, tenant.id, domain, found)
    if (!proven) missing += 1
    const finding = proven ? 'the record is there' : typeof found === 'string' ? found : 'the record is not there'
    process.stdout.write(`${proven ? 'ok' : 'NO'}  ${domain}: ${finding}\n`)
    if (!proven) process.stdout.write(`    ${domain}. TXT "${domainRecord(keyRing, tenant.id, domain)}"\n`)
  }
  if (missing > 0)
    process.stdout.write('A running Gatehouse sees a record within about ten minutes of its being published.\n')
  return missing === 0 ? 0 : 1
}
