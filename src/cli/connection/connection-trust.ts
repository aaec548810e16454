/** `gatehouse connection trust`: shows upstream metadata; with its digest, trusts it. */
import { recordAudit } from '../../broker/audit/record.ts'
import type { MetadataSummary } from '../../provider/provider.ts'
import { requireKnown, withMigratedCore } from '../open.ts'

/** Code 1 while some metadata is not trusted. */
export const trustConnectionMetadata = withMigratedCore(async ({ parts, tenants }, options) => {
  const [tenantId = options.tenant, connectionId = options.connection, digest] = options.words
  const tenant = requireKnown('tenant', tenantId, [...tenants.values()])
  const { id, kind } = requireKnown('connection', connectionId, tenant.connections)
  const { upstream } = parts.connections.get(tenant.id, id)
  const { inspect, trust } = upstream.metadata ?? {}
  if (inspect === undefined || trust === undefined)
    throw new Error(`${tenant.id}/${id} (${kind}) needs no trust: Gatehouse stores no metadata of its upstream`)
  const summary = await (digest === undefined ? inspect() : trust(digest))
  const text = summaryText(`${tenant.id} ${id}`, summary)
  if (digest !== undefined && digest !== summary.digest)
    throw new Error(`nothing was changed: the metadata has changed meanwhile, its digest is ${summary.digest}\n${text}`)
  if (digest !== undefined)
    await recordAudit(parts, {
      tenant: tenant.id,
      action: 'connection.trusted',
      actor: 'cli',
      target: `connection:${id}`,
      details: { digest },
    })
  return { text, code: summary.trusted ? 0 : 1 }
})

/** The metadata, one value a line. */
function summaryText(place: string, { lines, digest, trusted }: MetadataSummary): string {
  const text = lines
    .map(({ name, value, known }) => `  ${known ? '     ' : 'new  '}${name.padEnd(13)}${value}\n`)
    .join('')
  const next = trusted
    ? 'all of it is trusted'
    : `not all of it is trusted; to trust it, run: gatehouse connection trust ${place} ${digest}`
  return `${text}${next}\n`
}
