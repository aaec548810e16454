/**
 * The users of an app, whom it lists and signs out itself. Users of other apps are unknown (SE-09).
 */
import { type App, mayServe } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import { deploymentTenant, recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Consent, ConsentPage } from '../ports/durable.ts'
import type { UserKey } from '../session/session.ts'
import { type ConsentEnd, type ConsentPorts, endConsent, endGrants } from './consent.ts'
import type { CallingApp } from './ownership.ts'

/** The users who consented, newest first; of tenants that the app serves. */
export async function consentingUsers({ consents }: Ports<'consents'>, { app }: CallingApp, page: ConsentPage) {
  const found = await consents.ofApp(app.id, { ...page, limit: page.limit + 1 })
  const shown = found.slice(0, page.limit)
  return {
    consents: shown.filter(({ tenant }) => mayServe(app, tenant)),
    /** `after` of the next page. Undefined: there are no more. */
    last: found.length > page.limit ? shown.at(-1) : undefined,
  }
}

type AppUserPorts = ConsentPorts & Ports<'users'>

/**
 * Ends the user's tokens and sessions at this app; the consent stays. Throws `user_not_visible`.
 */
export async function endAppSessions(ports: AppUserPorts, calling: CallingApp, userId: string): Promise<number> {
  const { user } = await requireUserOfApp(ports, calling, userId)
  const ended = await endGrants(ports, user, calling.app.id)
  if (ended > 0) await audit(ports, calling, user, { action: 'grant.revoked' })
  return ended
}

/** Ends them and the consent: the user is asked again. Throws `user_not_visible`. */
export async function endAppConsent(ports: AppUserPorts, calling: CallingApp, userId: string): Promise<void> {
  const { user } = await requireUserOfApp(ports, calling, userId)
  const event = await endConsent(ports, user, calling.app.id)
  if (event !== undefined) await audit(ports, calling, user, event)
}

const revokePageSize = 200

/**
 * Ends the app's tokens and sessions of every user who consented; the consents stay. Returns how
 * many grants ended. @param actor for the audit log
 */
export async function revokeAppTokens(ports: ConsentPorts, app: App, actor: string): Promise<number> {
  let ended = 0
  let page: readonly Consent[] = []
  do {
    page = await ports.consents.ofApp(app.id, { limit: revokePageSize, after: page.at(-1) })
    for (const { tenant, userId } of page) ended += await endGrants(ports, { tenant, userId }, app.id)
  } while (page.length === revokePageSize)
  const details = { grants: String(ended) }
  const tenant = app.owner?.tenant ?? deploymentTenant
  await recordAudit(ports, { tenant, action: 'app.tokens_revoked', actor, target: app.id, details })
  return ended
}

/** A user who consented; of a first-party app, any user of its tenants. */
async function requireUserOfApp(ports: AppUserPorts, { app }: CallingApp, id: string) {
  const found = id.length > 64 ? null : await ports.users.findById(id)
  const isServed = found !== null && mayServe(app, found.tenant)
  const consent = isServed ? await ports.consents.find(found.tenant, found.id, app.id) : null
  if (found === null || !isServed || (consent === null && !app.firstParty))
    throw new GatehouseError('user_not_visible', 'no user of this ID whom the app may see')
  const user: UserKey = { tenant: found.tenant, userId: found.id }
  return { user }
}

function audit(ports: AppUserPorts, { app, credential }: CallingApp, { tenant, userId }: UserKey, event: ConsentEnd) {
  const details = { app: app.id, by: credential }
  return recordAudit(ports, { ...event, tenant, actor: `app:${app.id}`, target: userId, details })
}
