import { redirect } from 'next/navigation'
import * as oidc from 'openid-client'
import { gatehouse, ORIGIN } from '../../lib/gatehouse.js'
import { currentSession } from '../../lib/session.js'

export async function GET(request) {
  const session = await currentSession()
  const { state: expectedState, codeVerifier: pkceCodeVerifier } = session
  if (!expectedState) redirect('/sign-in') // no sign-in began in this browser
  const url = new URL(`/callback${request.nextUrl.search}`, ORIGIN)
  const checks = { expectedState, pkceCodeVerifier, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(await gatehouse(), url, checks).catch(console.error)
  if (tokens === undefined) return new Response('Sign-in failed.', { status: 400 })
  Object.assign(session, { user: tokens.claims(), idToken: tokens.id_token, state: undefined, codeVerifier: undefined })
  await session.save()
  redirect('/')
}
