/** Opens a page or form that changes second factors: it needs a recent sign-in (MF-05). */

import { mayChangeFactors } from '../../../broker/factors/may-change.ts'
import { connectionToSignInAgain } from '../../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { redirect } from '../../../http/respond.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'
import { sendRedirectPage } from '../../sign-in/complete-sign-in.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { type OpenAccountPorts, type OpenedAccount, openAccount } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { canStepUp, confirmHref } from '../step-up/confirm.ts'

export type ChangePorts = OpenAccountPorts &
  Pick<Shell, 'publicUrl'> &
  PartsOf<typeof mayChangeFactors> &
  PartsOf<typeof canStepUp>

/** A form needs a session; a page leads to the sign-in. Throws `session_invalid`. */
export async function openAccountOrRefuse(call: Call<OpenAccountPorts>, path: string): Promise<OpenedAccount | null> {
  if (call.request.method === 'POST') await requireSession(call)
  return openAccount(call, path)
}

/**
 * Null after a redirect to a new sign-in. Throws `session_invalid` for a form without a session.
 * @param path a page of ours, where the user continues afterwards
 */
export async function openForChange(call: Call<ChangePorts>, path: string): Promise<OpenedAccount | null> {
  const account = await openAccountOrRefuse(call, path)
  if (account === null) return null
  const { parts, publicUrl } = call.shell
  const { session } = account
  if (await mayChangeFactors(parts, session)) return account
  if (await canStepUp(parts, session)) {
    redirect(call.response, confirmHref(path))
    return null
  }
  const connections = await signInMethods(parts, session.tenant, session.userId)
  const name = connectionLabel(parts.connections, session.tenant, connectionToSignInAgain(session, connections))
  sendRedirectPage(call.response, new URL(signInAgainHref(session, connections, path), publicUrl), name)
  return null
}
