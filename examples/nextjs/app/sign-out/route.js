import { NextResponse } from 'next/server'
import * as oidc from 'openid-client'
import { gatehouse, ORIGIN } from '../../lib/gatehouse.js'
import { currentSession } from '../../lib/session.js'

export async function POST() {
  const session = await currentSession()
  const { idToken } = session
  session.destroy()
  const back = { id_token_hint: idToken, post_logout_redirect_uri: `${ORIGIN}/` }
  const address = idToken === undefined ? `${ORIGIN}/` : oidc.buildEndSessionUrl(await gatehouse(), back)
  return NextResponse.redirect(address, 303)
}
