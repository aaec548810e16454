import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { withQuery } from '../../http/destination.ts'
import { redirect } from '../../http/respond.ts'
import { signOutEverywhere, type UpstreamLogoutPorts } from '../logout/upstream-logout.ts'
import type { Call, Shell } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'

type SignOutPorts = UpstreamLogoutPorts & CurrentSessionPorts & Pick<Shell, 'administrators'>

export async function signOut(call: Call<SignOutPorts>): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  if (session !== null) shell.administrators.delete(session.id)
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (session !== null && (await signOutEverywhere(shell, response, session))) return
  redirect(response, withQuery('/login', { tenant: session?.tenant, notice: 'signed-out' }))
}
