/**
 * Pages for a user whom the access rules of an app do not allow: in its authorization request, and
 * behind a reverse proxy (`/verify?app=`).
 */
import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { type MissingAccess, missingAccess } from '../../app/access.ts'
import { type App, mayServe } from '../../app/app.ts'
import { appAccessError } from '../../broker/access/app-access.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import type { Session } from '../../broker/session/session.ts'
import { AttemptTrace, referenceOf } from '../../broker/trace.ts'
import { GatehouseError } from '../../errors.ts'
import { loginHref, readLoginParams, withQuery } from '../../http/destination.ts'
import { pathPart, queryOf } from '../../http/fields.ts'
import { consentPath, type PendingInteraction } from '../../http/interaction.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import type { Tenant } from '../../tenant.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { type AccessRefusedPageProps, accessRefusedPage } from './access-refused-page.tsx'

export type AccessRefusedPorts = WithParts<'connections' | 'counters' | 'now' | 'trace'>

interface RefusedRequest {
  readonly pending: PendingInteraction
  readonly app: App
}

/** False, with no response, if the rules allow the user meanwhile. */
export async function showAccessRefused(
  { shell: { parts }, response }: Call<AccessRefusedPorts>,
  { pending, app }: RefusedRequest,
  session: Session,
): Promise<boolean> {
  const missing = missingAccess(app, session)
  if (missing === undefined) return false
  const action = consentPath(pending.uid)
  const html = accessRefusedPage({
    ...partsOfPage(parts, app, missing, session),
    // a reload shows the same reference
    reference: await tracedReference(parts, { app, missing, session, name: pending.uid }),
    form: { action, hidden: { session: session.id } },
    switchHref: withQuery('/login', { tenant: session.tenant, return_to: action, prompt: 'login' }),
  })
  sendPage(response, 403, html)
  return true
}

type AccessPagePorts = AccessRefusedPorts & CurrentSessionPorts & Pick<Shell, 'publicUrl'> & WithParts<'appRegistry'>

/** `return_to`: the page that the reverse proxy protects. */
export const readAccessQuery = (request: Request) => readLoginParams(queryOf(request))

/** `/access/:app`, to which `/verify?app=` leads. Goes on to the page once the user has access. */
export async function showAccess(
  call: Call<AccessPagePorts>,
  query: ReturnType<typeof readAccessQuery>,
): Promise<void> {
  const { shell, request, response } = call
  const { parts, publicUrl } = shell
  const session = await currentSession(call)
  if (session === null) return redirect(response, loginHref(query))
  const app = await parts.appRegistry.find(pathPart(request, 'app'))
  if (app === null || !mayServe(app, session.tenant)) throw new GatehouseError('not_found', 'no such app')
  const tenant = parts.connections.tenant(session.tenant)
  const returnTo = checkReturnUrl(query.returnTo, tenant, publicUrl)
  const missing = missingAccess(app, session)
  if (missing === undefined) return redirect(response, returnTo)
  const html = accessRefusedPage({
    ...partsOfPage(parts, app, missing, session),
    reference: await tracedReference(parts, { app, missing, session, name: `${session.id} ${app.id}` }),
    switchHref: withQuery('/login', { tenant: tenant.id, return_to: returnTo, prompt: 'login' }),
  })
  sendPage(response, 403, html)
}

function partsOfPage(
  { connections }: AccessRefusedPorts['parts'],
  app: App,
  missing: MissingAccess,
  { tenant: id, profile: { email, name } }: Session,
): Pick<AccessRefusedPageProps, 'tenant' | 'app' | 'missing' | 'person' | 'contacts'> {
  const tenant = connections.tenant(id)
  const person = { name: name ?? email?.address ?? 'you', email: email?.address }
  return { tenant, app, missing, person, contacts: contactsOf(tenant) }
}

const maxContacts = 3

/** The admins that the tenant's YAML names; with a support address, that one is enough. */
function contactsOf({ supportUrl, access }: Tenant): readonly string[] {
  if (supportUrl !== undefined) return []
  return (access?.admin ?? []).flatMap((entry) => ('email' in entry ? [entry.email] : [])).slice(0, maxContacts)
}

interface TracedRefusal {
  readonly app: App
  readonly missing: MissingAccess
  readonly session: Session
  /** The reference follows from it; one trace in an hour. */
  readonly name: string
}

async function tracedReference(
  { counters, now, trace }: AccessRefusedPorts['parts'],
  { app, missing, session, name }: TracedRefusal,
): Promise<string> {
  const { tenant, userId, profile } = session
  const hour = Math.floor(now().getTime() / 3_600_000)
  const digest = createHash('sha256').update(`access refused ${name} ${hour}`).digest()
  const reference = referenceOf(digest)
  const { count } = await counters.hit(`access-page:${digest.toString('base64url')}`, 3600).catch(() => ({ count: 1 }))
  if (count > 1) return reference
  const connection = `app ${app.id}`.slice(0, 100)
  const email = profile.email?.address
  const head = { reference, tenant, connection, startedAt: now(), app: app.id, ...(email !== undefined && { email }) }
  const attempt = new AttemptTrace(head, now, trace)
  attempt.addReasons([`user ${userId} is signed in`])
  attempt.refused(appAccessError(app, missing))
  return reference
}
