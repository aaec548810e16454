/** The actions on API tokens in Developer settings. */
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { createToken } from '../../../broker/tokens/create-token.ts'
import { confirmToken, revokeAllTokens, revokeToken } from '../../../broker/tokens/own-tokens.ts'
import { rotateToken, unknownToken } from '../../../broker/tokens/rotate-token.ts'
import { type TokenDraft, type TokenFault, TokenRefused } from '../../../broker/tokens/token-draft.ts'
import { GatehouseError } from '../../../errors.ts'
import { withQuery } from '../../../http/destination.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { PageFault } from '../../developer/developer-fields.tsx'
import type { Call, PartsOf } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { viewerOf } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { signInPage } from './confirm-pages.tsx'
import { keepNewToken } from './new-token.ts'
import { settingsPath, tokenPath } from './paths.ts'
import { renderSettings, type SettingsPorts } from './settings.ts'
import { expiryOf, type TokenFormValues } from './token-form.tsx'

type TokenPorts = SettingsPorts & PartsOf<typeof createToken> & PartsOf<typeof confirmToken>
type TokenCall = Call<TokenPorts>

const noticeHref = (notice: string) => withQuery(settingsPath, { notice })

export async function submitNewToken(call: TokenCall, typed: TokenFormValues): Promise<void> {
  const { parts } = call.shell
  const session = await requireSession(call)
  try {
    const { token, text } = await createToken(parts, session, draftOf(typed, parts.now()))
    keepNewToken(call, session, { name: token.name, text })
    redirect(call.response, noticeHref('created'))
  } catch (error) {
    const faults = faultsOf(error)
    if (faults === undefined) throw error
    await renderSettings(call, session, { values: typed, faults })
  }
}

function draftOf({ name, expires, scopes, ranges }: TokenFormValues, now: Date): TokenDraft {
  const lines = ranges.split(/[\s,]+/).filter((line) => line !== '')
  return {
    name,
    expiresAt: expiryOf({ expires }, now),
    scopes: scopes.length === 0 ? undefined : scopes,
    ranges: lines,
  }
}

/** Fields of the draft with their name and label on the page. */
const fields = {
  name: ['name', 'The name'],
  expiresAt: ['expires', 'The expiry'],
  scopes: ['scopes', 'The field “Permissions”'],
  ranges: ['ranges', 'The list'],
  overlapSeconds: ['overlap', 'The overlap'],
} as const satisfies Readonly<Record<TokenFault['field'], readonly [string, string]>>

/** Undefined for an error that is not about the form. */
function faultsOf(error: unknown): readonly PageFault[] | undefined {
  if (error instanceof TokenRefused)
    return error.faults.map(({ field, message }) => ({
      field: fields[field][0],
      message: `${fields[field][1]} ${message}.`,
    }))
  if (needsSignIn(error)) return [{ field: 'expires', message: 'Sign in again for this, or choose at most 90 days.' }]
  return error instanceof GatehouseError && error.code === 'tokens_full'
    ? [{ field: 'name', message: error.text ?? '' }]
    : undefined
}

export async function submitRotateToken(call: TokenCall, form: { readonly overlap: string }): Promise<void> {
  const session = await requireSession(call)
  const id = pathPart(call.request, 'id')
  try {
    const { token, text } = await rotateToken(call.shell.parts, session, id, Number(form.overlap))
    keepNewToken(call, session, { name: token.name, text })
    redirect(call.response, noticeHref('rotated'))
  } catch (error) {
    if (!needsSignIn(error)) throw error
    redirect(call.response, tokenPath(id, 'rotate')) // which asks for the sign-in
  }
}

const needsSignIn = (error: unknown) => error instanceof GatehouseError && error.code === 'fresh_sign_in_required'

export async function submitRevokeToken(call: TokenCall): Promise<void> {
  const session = await requireSession(call)
  const { tenant, userId } = session
  const ended = await revokeToken(call.shell.parts, { tenant, userId }, userId, pathPart(call.request, 'id'))
  if (!ended) throw unknownToken()
  redirect(call.response, noticeHref('revoked'))
}

export async function submitRevokeAllTokens(call: TokenCall): Promise<void> {
  const { tenant, userId } = await requireSession(call)
  const count = await revokeAllTokens(call.shell.parts, { tenant, userId }, userId)
  redirect(call.response, noticeHref(count === 1 ? 'revoked' : 'all-revoked'))
}

/** After a password reset. */
export async function submitConfirmToken(call: TokenCall): Promise<void> {
  const { parts } = call.shell
  const session = await requireSession(call)
  try {
    await confirmToken(parts, session, pathPart(call.request, 'id'))
    redirect(call.response, noticeHref('confirmed'))
  } catch (error) {
    if (!needsSignIn(error)) throw error
    const methods = await signInMethods(parts, session.tenant, session.userId)
    const html = signInPage({
      title: 'Confirm this API token?',
      viewer: await viewerOf(call.shell, session),
      signInAgainHref: signInAgainHref(session, methods, `${noticeHref('again')}#tokens`),
    })
    sendPage(call.response, 200, html)
  }
}
