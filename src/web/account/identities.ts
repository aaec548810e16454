/** Adds, removes and confirms sign-in methods on `/account`. */
import type { Request, Response } from 'express'
import { connectionToSignInAgain, isFresh } from '../../broker/identity/fresh-sign-in.ts'
import { identityName, signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { confirmIdentity } from '../../broker/identity/suspend-identities.ts'
import { unlinkIdentity } from '../../broker/identity/unlink-identity.ts'
import { startLogin } from '../../broker/login/start-login.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { redirect } from '../../http/respond.ts'
import { type FailurePorts, refusePage } from '../errors/failure.ts'
import type { WithParts } from '../shell.ts'
import { sendChallenge } from '../sign-in/challenge.ts'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, requireSession } from '../sign-in/current-session.ts'
import { ensureBrowser, type PendingBrowserPorts, setLoginCookie } from '../sign-in/pending-browser.ts'
import { accountHref, signInAgainHref } from './sign-in-methods.ts'

export type IdentitiesPorts = PendingBrowserPorts &
  FailurePorts &
  CurrentSessionPorts &
  WithParts<
    | 'appRegistry'
    | 'artifacts'
    | 'audit'
    | 'codes'
    | 'consents'
    | 'logouts'
    | 'mailer'
    | 'passwords'
    | 'publicUrl'
    | 'sessionApps'
    | 'transactions'
    | 'users'
  >

/** Needs a recent sign-in. The login is bound to the session and to the browser (ID-08). */
export async function addIdentity(
  shell: IdentitiesPorts,
  request: Request,
  response: Response,
  form: { readonly connection: string },
): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const connection = shell.parts.connections.get(session.tenant, form.connection)
  if (connection.upstream.passwords !== undefined)
    throw new GatehouseError('connection_unknown', 'a password is added behind a mailed link')
  const browser = await ensureBrowser(request, shell)
  const params = { tenant: session.tenant, returnTo: accountHref('added') }
  const started = await startLogin(shell.parts, {
    ...params,
    connection: connection.settings.id,
    browser: browser.hash,
    linkToSession: session.id,
    reauthenticate: true, // so that the upstream does not silently use its current session
  })
  if (started.outcome === 'refused') return refusePage(shell, request, response, started)
  setLoginCookie(shell, response, browser, started.state)
  // a form may not be redirected to another origin (`form-action`)
  const { challenge } = started
  if (challenge.step === 'redirect') return sendRedirectPage(response, challenge.url, connection.provider.brand.name)
  sendChallenge(response, challenge, params, undefined)
}

export async function removeIdentity(
  shell: IdentitiesPorts,
  request: Request,
  response: Response,
  form: { readonly identity: string },
): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const outcome = await unlinkIdentity(shell.parts, session, form.identity)
  redirect(response, outcome === null ? '/account' : accountHref(outcome))
}

/** Enables a method again that a password reset suspended. */
export async function confirmMethod(
  shell: IdentitiesPorts,
  request: Request,
  response: Response,
  form: { readonly identity: string },
): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const confirmed = await confirmIdentity(shell.parts, session, (identity) => identityName(identity) === form.identity)
  redirect(response, confirmed ? accountHref('confirmed') : '/account')
}

/** The session if its sign-in is recent; else null, after a redirect to sign in again. */
async function freshSession(shell: IdentitiesPorts, request: Request, response: Response): Promise<Session | null> {
  const session = await requireSession(shell, request)
  if (await isFresh(shell.parts, session)) return session
  const connections = await signInMethods(shell.parts, session.tenant, session.userId)
  sendRedirectPage(
    response,
    new URL(signInAgainHref(session, connections), shell.publicUrl),
    connectionLabel(shell.parts.connections, session.tenant, connectionToSignInAgain(session, connections)),
  )
  return null
}
