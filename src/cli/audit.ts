/** `gatehouse audit list` and `export`. */
import { once } from 'node:events'
import { auditActions } from '../broker/audit/actions.ts'
import { auditPages } from '../broker/audit/record.ts'
import { usersNamed } from '../broker/identity/block-user.ts'
import type { Audit, AuditEvent, AuditFilter } from '../broker/ports/audit.ts'
import { suggestion } from '../config/schema/closest-word.ts'
import type { Core } from '../main/core.ts'
import { canonicalEmail } from '../profile/profile.ts'
import { requireKnown, withMigratedCore } from './open.ts'
import { limitOption, type Options, periodOptions } from './options.ts'

const listed = '50'
const maxListed = 999_999_999

export const listAudit = withMigratedCore(async ({ parts, tenants }, options) => {
  const filter = await filterOf(parts, tenants, options)
  const count = await writeEvents(
    parts.audit,
    filter,
    limitOption(options.limit ?? listed, 'events', maxListed),
    lineOf,
  )
  if (count > 0) return ''
  // events of a tenant outlive its file
  if (options.tenant !== undefined) requireKnown('tenant', options.tenant, [...tenants.values()])
  return 'there are no such audit events'
})

/** JSON Lines. */
export const exportAudit = withMigratedCore(async ({ parts, tenants }, options) => {
  const filter = await filterOf(parts, tenants, options)
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : limitOption(options.limit, 'events', maxListed)
  await writeEvents(parts.audit, filter, limit, (event) => JSON.stringify(event))
  return ''
})

type Filter = Omit<AuditFilter, 'limit' | 'after'>

async function filterOf(parts: Core['parts'], tenants: Core['tenants'], options: Options): Promise<Filter> {
  const { tenant, user } = options
  const now = parts.now()
  return {
    tenant,
    action: actionOf(options.action),
    user:
      user === undefined
        ? undefined
        : await userIdOf(parts, tenant === undefined ? [...tenants.keys()] : [tenant], user),
    ...periodOptions(options, now),
  }
}

function actionOf(action: string | undefined): string | undefined {
  if (action === undefined || Object.hasOwn(auditActions, action)) return action
  throw new Error(`--action is ${action}: ${suggestion(action, Object.keys(auditActions))}`)
}

/** The user with this proven email, or the given id, which may be of a user who is gone. */
async function userIdOf(parts: Core['parts'], tenants: readonly string[], name: string): Promise<string> {
  const email = canonicalEmail(name)
  if (email === null) return name
  const found = (await Promise.all(tenants.map((tenant) => usersNamed(parts, tenant, email)))).flat()
  const [user, ...others] = found
  if (user === undefined) throw new Error(`no user has the proven email ${name}: use the ID`)
  if (others.length > 0)
    throw new Error(`${name} is the email of ${found.length} users: name the tenant, or use the ID`)
  return user.id
}

/**
 * One line each, page by page. Returns how many were written; fewer if the reader of a pipe left.
 */
async function writeEvents(audit: Audit, filter: Filter, limit: number, format: (event: AuditEvent) => string) {
  let count = 0
  for await (const page of auditPages(audit, filter, limit)) {
    const isOpen = await write(page.map((event) => `${format(event)}\n`).join(''))
    count += page.length
    if (!isOpen) break
  }
  return count
}

async function write(text: string): Promise<boolean> {
  const { stdout } = process
  if (text === '' || stdout.write(text)) return stdout.writable
  await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => undefined)
  return stdout.writable
}

function lineOf({ at, tenant, action, actor, target, address, details }: AuditEvent): string {
  const who = actor === target ? actor : `${actor} -> ${target}`
  const more = Object.entries(details).map(([name, value]) => `${name}=${value}`)
  const line = [at.toISOString(), tenant, action.padEnd(24), who, address ?? '-', ...more].join('  ')
  return line.replace(/\p{C}/gu, '\u{fffd}')
}
