/**
 * Interactions of an authorization request: sign-in, choice of the user, consent. The OpenID
 * Provider says what is needed (oidc/policy/prompts.ts); the request continues after the answer.
 */
import type { Request } from 'express'
import { type App, mayAskFor, servesUsersOf } from '../../app/app.ts'
import { giveConsent } from '../../broker/apps/consent.ts'
import { registrantOf } from '../../broker/apps/ownership.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { consentHref, consentPath, type PendingInteraction, type Settled } from '../../http/interaction.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import type { Call, PartsOf } from '../shell.ts'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { currentSession } from '../sign-in/current-session.ts'
import { type AccessRefusedPorts, showAccessRefused } from './access-refused.ts'
import { type AppSignInPorts, requireSignInForApp } from './app-sign-in.ts'
import { consentPage } from './consent-page.tsx'
import { evaluateSignIn, isNewSince } from './reauthentication.ts'
import { requestedScopesOf } from './scope-descriptions.ts'
import { afterFactor, mayDecline, needsOnlyFactor, secondFactorHref } from './second-factor.ts'

export type ConsentPorts = AppSignInPorts &
  AccessRefusedPorts &
  PartsOf<typeof giveConsent> &
  PartsOf<typeof registrantOf>
type ConsentCall = Call<ConsentPorts>

/**
 * `tenant`: chosen by the user. `refused`: the OAuth error of a failed sign-in. `declined`: the
 * user continues without the second factor that the app prefers.
 */
export function readConsentQuery(request: Request) {
  const query = queryOf(request)
  const declined = textField(query, 'declined', 8) !== undefined
  return { tenant: textField(query, 'tenant', 64), refused: textField(query, 'refused', 40), declined }
}

export async function showConsent(call: ConsentCall, query: ReturnType<typeof readConsentQuery>): Promise<void> {
  const { pending, app } = await requireConsentRequest(call)
  const settle = async (done: Settled) => redirect(call.response, await finishInteraction(call, done))
  if (query.refused !== undefined) return settle(refusal(query.refused))
  const session = await currentSession(call)
  const signIn = () => requireSignInForApp(call, { app, pending, session, tenant: query.tenant })
  if (session === null) return signIn()
  const isOfFactor = needsOnlyFactor(pending)
  if (isOfFactor && query.declined && mayDecline(pending)) return settle({ declined: session.id })
  if (isNewSince(pending, session))
    return settle(isOfFactor ? afterFactor(pending, session) : evaluateSignIn(pending, session))
  // another one than the request saw, but no new one: it looks again, and asks what it has to
  if (session.id !== pending.details['session']) return settle({ seen: session.id })
  if (isOfFactor)
    return redirect(call.response, secondFactorHref(pending, consentHref(call.shell.keyRing, pending.uid, app.id)))
  if (pending.prompt === 'login') return signIn()
  if (pending.prompt === 'access') {
    if (!(await showAccessRefused(call, { pending, app }, session))) await settle({ seen: session.id })
    return
  }
  await showPage(call, { pending, app }, session)
}

/** After a failed sign-in, the app gets the OAuth error of the failure. */
function refusal(error: string): Settled {
  const isKnown = [
    ...['access_denied', 'server_error', 'temporarily_unavailable'],
    'unmet_authentication_requirements',
  ].includes(error)
  return { error: isKnown ? error : 'access_denied', error_description: 'the sign-in did not succeed' }
}

interface ConsentForm {
  readonly session?: string | undefined
  readonly answer?: string | undefined
}

export async function submitConsent(call: ConsentCall, form: ConsentForm): Promise<void> {
  const { pending, app } = await requireConsentRequest(call)
  // Chromium applies `form-action` to redirects after a form, also to those of the app
  const continueAt = (path: string) => sendRedirectPage(call.response, new URL(path, call.shell.publicUrl), app.name)
  const session = await currentSession(call)
  // if another user signed in meanwhile, the page is shown again for them
  if (session === null || session.id !== form.session || session.id !== pending.details['session'])
    return continueAt(consentPath(pending.uid))
  const done = await applyAnswer(call.shell, { pending, app }, session, form.answer)
  continueAt(await finishInteraction(call, done))
}

interface ConsentRequest {
  readonly pending: PendingInteraction
  readonly app: App
}

async function applyAnswer(
  { parts }: ConsentPorts,
  { pending, app }: ConsentRequest,
  session: Session,
  answer: string | undefined,
): Promise<Settled> {
  if (pending.prompt === 'access')
    return { error: 'access_denied', error_description: 'the access rules of the app do not allow the user' }
  if (answer !== 'yes') return { error: 'access_denied', error_description: 'the user denied the request' }
  if (pending.prompt !== 'consent') return { chosen: session.id }
  const missing = missingOf(pending, app)
  if (missing.length > 0) await giveConsent(parts, session, app.id, missing)
  return { consented: session.id }
}

async function requireConsentRequest({ shell, request, response }: ConsentCall): Promise<ConsentRequest> {
  const pending = await shell.openId.interaction(request, response)
  const { client_id: id } = pending.parameters
  const app = typeof id === 'string' ? await shell.parts.appRegistry.find(id) : null
  if (pending.uid !== pathPart(request, 'uid') || app === null)
    throw new GatehouseError(
      'interaction_expired',
      'another interaction than that of this browser, or of an app that is gone',
    )
  return { pending, app }
}

async function finishInteraction({ shell, request, response }: ConsentCall, done: Settled): Promise<string> {
  return new URL(await shell.openId.settle(request, response, done)).pathname
}

/** The scopes to ask for; none where only the user is confirmed. */
function missingOf({ details }: PendingInteraction, app: App): readonly string[] {
  const missing = details['missing']
  return app.scopes.filter((scope) => Array.isArray(missing) && missing.includes(scope))
}

async function showPage(
  { shell, response }: ConsentCall,
  { pending, app }: ConsentRequest,
  session: Session,
): Promise<void> {
  const { parts } = shell
  const { email, name } = session.profile
  const missing = pending.prompt === 'consent' ? missingOf(pending, app) : []
  const { redirect_uri: redirectUri } = pending.parameters
  // APIs for which the app gets a token
  const apis = parts.apis.filter((api) => mayAskFor(app, api) && servesUsersOf(api, session.tenant))
  const action = consentHref(shell.keyRing, pending.uid, app.id)
  const html = consentPage({
    tenant: parts.connections.tenant(session.tenant),
    app,
    registeredBy: await registrantOf(parts, app),
    person: { name: name ?? email?.address ?? 'you', email: email?.address },
    scopes: requestedScopesOf(missing, session.profile, apis),
    redirectHost: typeof redirectUri === 'string' ? new URL(redirectUri).host || app.name : undefined,
    form: { action, hidden: { session: session.id } },
    switchHref: withQuery('/login', { tenant: session.tenant, return_to: action, prompt: 'login' }),
  })
  sendPage(response, 200, html)
}
