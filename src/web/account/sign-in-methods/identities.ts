/** Adds, removes and confirms sign-in methods. */
import type { Request } from 'express'
import { type LinkStart, linkableConnection, takeLinkStart } from '../../../broker/identity/account/link-start.ts'
import { connectionToSignInAgain, isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import { identityName, signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { confirmIdentity } from '../../../broker/identity/suspend-identities.ts'
import { type Unlinked, unlinkIdentity } from '../../../broker/identity/unlink-identity.ts'
import type { startLogin } from '../../../broker/login/start-login.ts'
import type { Session } from '../../../broker/session/session.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { queryOf, requiredText } from '../../../http/fields.ts'
import { redirect } from '../../../http/respond.ts'
import { type FailurePorts, refusePage } from '../../errors/failure.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { sendRedirectPage } from '../../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, requireSession } from '../../sign-in/current-session.ts'
import { sendChallenge } from '../../sign-in/login-start.ts'
import { type PendingBrowserPorts, startInBrowser } from '../../sign-in/pending-browser.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { methodsHref } from './method-notices.ts'

type IdentitiesPorts = PendingBrowserPorts &
  FailurePorts &
  CurrentSessionPorts &
  PartsOf<typeof startLogin> &
  PartsOf<typeof unlinkIdentity> &
  PartsOf<typeof confirmIdentity>

/** Needs a recent sign-in. The login is bound to the session and to the browser (ID-08). */
export async function addIdentity(call: Call<IdentitiesPorts>, form: { readonly connection: string }): Promise<void> {
  const { response } = call
  const session = await freshSession(call)
  if (session === null) return
  const started = await startLinking(call, session, {
    connection: form.connection,
    returnTo: methodsHref('added', form.connection),
  })
  // a form may not be redirected to another origin (`form-action`)
  if (started?.challenge.step === 'redirect') return sendRedirectPage(response, started.challenge.url, started.name)
  if (started !== null) sendChallenge(response, started.challenge, started.params)
}

export const linkStartPath = '/account/identities/start'

/**
 * Reads `GET /account/identities/start`, to which an app's page sends the browser (link-start.ts).
 */
export const readLinkStart = (request: Request) => requiredText(queryOf(request), 'code', 128)

export async function startAtCode(call: Call<IdentitiesPorts>, code: string): Promise<void> {
  const session = await requireSession(call)
  const started = await startLinking(call, session, await takeLinkStart(call.shell.parts, session, code))
  if (started !== null) sendChallenge(call.response, started.challenge, started.params)
}

/** Begins the login that adds the identity; null after a refusal, whose page is sent. */
async function startLinking(call: Call<IdentitiesPorts>, session: Session, { connection: id, returnTo }: LinkStart) {
  const { shell } = call
  const connection = linkableConnection(shell.parts, session.tenant, id)
  const params = { tenant: session.tenant, returnTo }
  const started = await startInBrowser(call, {
    ...params,
    connection: connection.settings.id,
    linkToSession: session.id,
    reauthenticate: true, // so that the upstream does not silently use its current session
  })
  if (started.outcome === 'refused') {
    refusePage(call, started)
    return null
  }
  return { challenge: started.challenge, params, name: connection.provider.brand.name }
}

interface IdentityForm {
  readonly identity: string
}

export async function removeIdentity(call: Call<IdentitiesPorts>, form: IdentityForm): Promise<void> {
  const session = await freshSession(call)
  if (session === null) return
  const removed = await unlinkIdentity(call.shell.parts, session, form.identity)
  redirect(call.response, removed.outcome === 'unlinked' ? unlinkedHref(removed) : methodsHref(removed.outcome))
}

function unlinkedHref({ connection, ended }: Extract<Unlinked, { outcome: 'unlinked' }>): string {
  return methodsHref(ended > 0 ? 'unlinked-sessions' : 'unlinked', connection)
}

/** Enables a method again that a password reset suspended. */
export async function confirmMethod(call: Call<IdentitiesPorts>, form: IdentityForm): Promise<void> {
  const session = await freshSession(call)
  if (session === null) return
  const isNamed = (identity: Parameters<typeof identityName>[0]) => identityName(identity) === form.identity
  const confirmed = await confirmIdentity(call.shell.parts, session, isNamed)
  redirect(call.response, confirmed === null ? methodsHref('unknown') : methodsHref('confirmed', confirmed))
}

/** The session if its sign-in is recent; else null, after a redirect to sign in again. */
async function freshSession(call: Call<IdentitiesPorts>): Promise<Session | null> {
  const { parts, publicUrl } = call.shell
  const session = await requireSession(call)
  if (await isFresh(parts, session)) return session
  const connections = await signInMethods(parts, session.tenant, session.userId)
  const name = connectionLabel(parts.connections, session.tenant, connectionToSignInAgain(session, connections))
  sendRedirectPage(call.response, new URL(signInAgainHref(session, connections), publicUrl), name)
  return null
}
