/** After a sign-in in a browser: sets the cookie, or leads to the second factor. */

import { savePendingSignIn } from '../../../broker/assurance/pending-sign-in.ts'
import type { FactorRequired, SignedIn } from '../../../broker/login/outcome.ts'
import { openPendingSignIn, type SecondFactorPorts } from '../../../broker/login/second-factor.ts'
import { withQuery } from '../../../http/destination.ts'
import { redirect } from '../../../http/respond.ts'
import { type FailurePorts, refusePage } from '../../errors/failure.ts'
import type { Call } from '../../shell.ts'
import { type CompleteSignInPorts, completeSignIn } from '../complete-sign-in.ts'
import { ensureBrowser, type PendingBrowserPorts } from '../pending-browser.ts'
import { isRememberedHere, type RememberedBrowserPorts } from './remembered-browser.ts'

export type FinishSignInPorts = CompleteSignInPorts &
  FailurePorts &
  PendingBrowserPorts &
  RememberedBrowserPorts & { readonly parts: SecondFactorPorts }

export const secondFactorPath = '/login/second-factor'
export const setupPath = '/login/second-factor/setup'

/** @param typedEmail of a password sign-in */
export async function finishSignIn(
  call: Call<FinishSignInPorts>,
  finished: SignedIn | FactorRequired,
  typedEmail?: string,
): Promise<void> {
  if (finished.outcome === 'signed in') return completeSignIn(call, finished, typedEmail)
  const { shell, response } = call
  const { pending, methods } = finished
  if (methods.length > 0 && (await isRememberedHere(call, pending))) {
    const opened = await openPendingSignIn(shell.parts, pending, 'remembered browser')
    return opened.outcome === 'refused' ? refusePage(call, opened) : completeSignIn(call, opened, typedEmail)
  }
  const browser = await ensureBrowser(call)
  const saved = savePendingSignIn(shell.parts, pending, { browser: browser.hash }, typedEmail)
  const [challenge] = await Promise.all([saved, browser.stored])
  redirect(response, withQuery(methods.length === 0 ? setupPath : secondFactorPath, { challenge }))
}
