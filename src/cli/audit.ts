/** `gatehouse audit list` and `export`. */
import { once } from 'node:events'
import { auditActions } from '../broker/audit-actions.ts'
import { usersNamed } from '../broker/identity/block-user.ts'
import type { Audit, AuditEvent, AuditFilter, AuditPosition } from '../broker/ports/audit.ts'
import { suggestion } from '../config/schema/closest-word.ts'
import { durationSeconds } from '../config/schema/duration.ts'
import type { Core } from '../main/core.ts'
import { canonicalEmail } from '../profile/profile.ts'
import { withCore } from './open.ts'
import type { Options } from './options.ts'

const pageSize = 500
const listed = '50'

export const listAudit = withCore(async ({ parts, tenants }, options) => {
  const filter = await filterOf(parts, tenants, options)
  const count = await writeEvents(parts.audit, filter, limitOf(options.limit ?? listed), lineOf)
  return count === 0 ? 'there are no such audit events' : ''
})

/** JSON Lines. */
export const exportAudit = withCore(async ({ parts, tenants }, options) => {
  const filter = await filterOf(parts, tenants, options)
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : limitOf(options.limit)
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
    since: timeOf('since', options.since, now),
    until: timeOf('until', options.until, now),
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
  if (user === undefined) throw new Error(`no user has the proven email ${name}: use the id`)
  if (others.length > 0)
    throw new Error(`${name} is the email of ${found.length} users: name the tenant, or use the id`)
  return user.id
}

const timeForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** A duration before now, such as 7d, a day (UTC), or a time with its offset. */
function timeOf(option: string, text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined
  const seconds = durationSeconds(text)
  if (seconds !== undefined) return new Date(now.getTime() - seconds * 1000)
  const time = timeForm.test(text) ? new Date(text) : undefined
  if (time === undefined || Number.isNaN(time.getTime()))
    throw new Error(`--${option} is ${text}: give a time such as 2026-11-22T09:30:00Z, a day, or a duration such as 7d`)
  return time
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--limit is ${text}: give a number of events, 1 or more`)
  return Number(text)
}

/**
 * One line each, page by page. Returns how many were written; fewer if the reader of a pipe left.
 */
async function writeEvents(audit: Audit, filter: Filter, limit: number, format: (event: AuditEvent) => string) {
  let count = 0
  let after: AuditPosition | undefined
  while (count < limit) {
    const page = await audit.recent({ ...filter, after, limit: Math.min(pageSize, limit - count) })
    const isOpen = await write(page.map((event) => `${format(event)}\n`).join(''))
    count += page.length
    after = page.at(-1)
    if (after === undefined || !isOpen) break
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
