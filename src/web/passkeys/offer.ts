/** Offers a passkey after a password sign-in: once per user and browser after "Not now". */
import type { Request } from 'express'
import { z } from 'zod'
import { isMethodAllowed } from '../../broker/factors/allowed-methods.ts'
import { mayChangeFactors } from '../../broker/factors/may-change.ts'
import { passkeysOf } from '../../broker/factors/passkeys/own-passkeys.ts'
import { offersPasskeySignIn } from '../../broker/factors/passkeys/sign-in.ts'
import type { SignedIn } from '../../broker/login/outcome.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import type { UserKey } from '../../broker/session/session.ts'
import { secretHash } from '../../crypto/token.ts'
import { fieldsOf, textField } from '../../http/fields.ts'
import { allowFetch, redirect, sendPage } from '../../http/respond.ts'
import { sealedCookie } from '../../http/sealed-cookie.ts'
import { passkeyPolicyOf } from '../../tenant.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import { redirectToDestination } from '../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { offerPage } from './offer-page.tsx'
import { offerHref } from './paths.ts'

export type OfferPorts = Pick<Shell, 'cookie' | 'keyRing' | 'publicUrl'> &
  WithParts<'authenticators' | 'connections' | 'now' | 'passkeySite' | 'users'>

const declinedCookie = sealedCookie({ name: 'gatehouse_passkey_offer', keptMs: 180 * 86_400_000 })
const declinedForm = z.array(z.string().max(32)).max(16)
const userHash = ({ tenant, userId }: UserKey) => secretHash(`${tenant}\n${userId}`).slice(0, 16)

function declinedUsers({ shell, request }: Call<Pick<Shell, 'cookie' | 'keyRing'>>): readonly string[] {
  try {
    return declinedForm.parse(JSON.parse(declinedCookie.read(shell, request.headers.cookie) ?? '[]'))
  } catch {
    return [] // of another version
  }
}

/**
 * The sign-in, going to the offer first where it makes sense.
 * @param support `supported` if the page's script found that the browser has passkeys
 */
export async function withPasskeyOffer(call: Call<OfferPorts>, signedIn: SignedIn, support: string | undefined) {
  const { shell } = call
  const { session, resume } = signedIn
  const tenant = shell.parts.connections.tenant(session.tenant)
  const mayOffer = passkeyPolicyOf(tenant).offer && isMethodAllowed(tenant, 'passkey')
  const isOffered = support === 'supported' && mayOffer && offersPasskeySignIn(shell.parts, tenant)
  if (!isOffered || declinedUsers(call).includes(userHash(session))) return signedIn
  if ((await passkeysOf(shell.parts, session)).length > 0) return signedIn
  if (!(await mayChangeFactors(shell.parts, session))) return signedIn
  const returnTo = new URL(offerHref(resume.returnTo), shell.publicUrl).href
  return { ...signedIn, resume: { ...resume, returnTo } }
}

export const readOffer = (request: Request) => textField(fieldsOf(request), 'return_to') ?? '/account'

export async function showOffer(call: Call<OfferPorts & CurrentSessionPorts>, returnTo: string): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  if (session === null) return redirect(response, '/login')
  const tenant = shell.parts.connections.tenant(session.tenant)
  const destination = checkReturnUrl(returnTo, tenant, shell.publicUrl)
  if (!isMethodAllowed(tenant, 'passkey')) return redirectToDestination(call, destination)
  allowFetch(response)
  sendPage(response, 200, offerPage({ tenant, returnTo: destination }))
}

/** "Not now". */
export async function declineOffer(call: Call<OfferPorts & CurrentSessionPorts>, returnTo: string): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  if (session === null) return redirect(response, '/login')
  const users = [...new Set([userHash(session), ...declinedUsers(call)])].slice(0, 16)
  declinedCookie.write(shell, response, JSON.stringify(users))
  const tenant = shell.parts.connections.tenant(session.tenant)
  redirectToDestination(call, checkReturnUrl(returnTo, tenant, shell.publicUrl))
}
