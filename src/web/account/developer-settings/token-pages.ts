/** The steps before an API token is rotated or revoked. */
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import type { ApiToken } from '../../../broker/ports/api-tokens.ts'
import type { Session } from '../../../broker/session/session.ts'
import { isLiveToken } from '../../../broker/tokens/check-token.ts'
import { mayIssue } from '../../../broker/tokens/create-token.ts'
import { listTokens } from '../../../broker/tokens/own-tokens.ts'
import { ownToken, unknownToken } from '../../../broker/tokens/rotate-token.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call } from '../../shell.ts'
import { openAccount } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { revokePage, rotatePage } from './confirm-pages.tsx'
import { revokeAllPath, settingsPath, tokenPath } from './paths.ts'
import type { SettingsPorts } from './settings.ts'

type TokenCall = Call<SettingsPorts>

export async function showRotateToken(call: TokenCall): Promise<void> {
  const confirmation = await readConfirmation(call)
  if (confirmation === null) return
  const { session, token, ...page } = confirmation
  const href = await signInHref(call.shell, session, token)
  const action = tokenPath(token.id, 'rotate')
  sendPage(call.response, 200, rotatePage({ ...page, action, kind: 'token', signInAgainHref: href }))
}

export async function showRevokeToken(call: TokenCall): Promise<void> {
  const confirmation = await readConfirmation(call)
  if (confirmation === null) return
  const { token, viewer, object } = confirmation
  sendPage(call.response, 200, revokePage({ viewer, object, action: tokenPath(token.id, 'revoke') }))
}

export async function showRevokeAllTokens(call: TokenCall): Promise<void> {
  const account = await openAccount(call, settingsPath)
  if (account === null) return
  const { session, viewer } = account
  const { length } = await listTokens(call.shell.parts, session)
  if (length === 0) return redirect(call.response, settingsPath)
  const object = length === 1 ? 'your only API token' : `all ${length} API tokens`
  const page = { viewer, object, action: revokeAllPath, used: length === 1 ? 'it' : 'any of them' }
  sendPage(call.response, 200, revokePage(page))
}

/**
 * The token that the path names; one that has ended is unknown, as another user's is (SE-09).
 * Null after a redirect to the sign-in page.
 */
async function readConfirmation(call: TokenCall) {
  const { parts } = call.shell
  const account = await openAccount(call, settingsPath)
  if (account === null) return null
  const token = await ownToken(parts, account.session, pathPart(call.request, 'id'))
  if (!isLiveToken(token, parts.now())) throw unknownToken()
  return { ...account, token, object: `the token “${token.name}”` }
}

/** Undefined if the session may rotate a token of this lifetime. */
async function signInHref({ parts }: SettingsPorts, session: Session, { id, createdAt, expiresAt }: ApiToken) {
  if (await mayIssue(parts, session, expiresAt.getTime() - createdAt.getTime())) return undefined
  const methods = await signInMethods(parts, session.tenant, session.userId)
  return signInAgainHref(session, methods, tokenPath(id, 'rotate'))
}
