import { redirect } from 'next/navigation'
import * as oidc from 'openid-client'
import { gatehouse, ORIGIN } from '../../lib/gatehouse.js'
import { currentSession } from '../../lib/session.js'

export async function GET() {
  const session = await currentSession()
  session.state = oidc.randomState()
  session.codeVerifier = oidc.randomPKCECodeVerifier()
  await session.save()
  const address = oidc.buildAuthorizationUrl(await gatehouse(), {
    redirect_uri: `${ORIGIN}/callback`,
    scope: 'openid profile email',
    state: session.state,
    code_challenge: await oidc.calculatePKCECodeChallenge(session.codeVerifier),
    code_challenge_method: 'S256',
  })
  redirect(address.href)
}
