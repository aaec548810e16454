/**
 * `gatehouse connection trust`: an admin's yes to what an upstream says of itself now. Without the digest it only shows that, so that what is
 * believed is what somebody has looked at.
 */
import type { MetadataSummary } from '../provider/provider.ts'
import { withCore } from './commands.ts'
import { named } from './connection.ts'
import type { Options } from './options.ts'

/** 1 while something is not believed. */
export function trustConnectionMetadata(options: Options): Promise<number> {
  const { words } = options
  const [tenantId = options.tenant, connectionId = options.connection, digest] = words
  return withCore(options, async ({ parts, tenants }) => {
    const tenant = named('tenant', tenantId, [...tenants.values()])
    const { id, kind } = named('connection', connectionId, tenant.connections)
    const { upstream } = parts.connections.get(tenant.id, id)
    const { inspect, trust } = upstream.metadata ?? {}
    if (inspect === undefined || trust === undefined)
      throw new Error(`${tenant.id}/${id} (${kind}) needs no yes: nothing its upstream says of itself is kept`)
    const summary = await (digest === undefined ? inspect() : trust(digest))
    process.stdout.write(descriptionText(`${tenant.id} ${id}`, summary))
    if (digest !== undefined && digest !== summary.digest)
      throw new Error(`nothing was changed: it says something else by now, ${summary.digest}`)
    if (digest !== undefined)
      await parts.audit.add({
        ...{ at: parts.now(), tenant: tenant.id, action: 'connection.trusted', actor: 'operator' },
        ...{ target: `connection ${id}`, details: { digest } },
      })
    return summary.trusted ? 0 : 1
  })
}

/** What the upstream says of itself, as a person compares it. */
export function descriptionText(place: string, { lines, digest, trusted }: MetadataSummary): string {
  const text = lines
    .map(({ name, value, known }) => `  ${known ? '     ' : 'new  '}${name.padEnd(13)}${value}\n`)
    .join('')
  const next = trusted
    ? 'all of it is believed'
    : `not all of it is believed; to believe it: gatehouse connection trust ${place} ${digest}`
  return `${text}${next}\n`
}
