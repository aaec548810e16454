/** Second factors of sign-ins by the API: `mfa_required`, and `POST /api/v1/sessions/mfa`. */
import { MfaRequired } from '../../../broker/assurance/mfa-required.ts'
import { challengeId, findPendingSignIn, savePendingSignIn } from '../../../broker/assurance/pending-sign-in.ts'
import { passkeyFactorOptions } from '../../../broker/factors/verify-factor.ts'
import type { FactorRequired, Refused, SignedIn } from '../../../broker/login/outcome.ts'
import { openPendingSignIn, proveSecondFactor } from '../../../broker/login/second-factor.ts'
import type { Shell } from '../../shell.ts'
import type { BrowserSession } from '../headless/browser-session.ts'
import { type ApiClient, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView } from './opened-session.ts'
import { proofOf } from './proof-of.ts'

interface SignInCall {
  readonly shell: Shell
  readonly client: ApiClient
  readonly browser: BrowserSession
}

/**
 * The opened session, or what to answer instead: `mfa_required` with the challenge.
 * @param typedEmail of a password sign-in
 */
export async function openedOrRefused(
  { shell, client, browser }: SignInCall,
  finished: SignedIn | FactorRequired | Refused,
  typedEmail?: string,
): Promise<SignedIn | Refused> {
  if (finished.outcome !== 'factor required') return finished
  const { pending, methods, mayPostpone, resume } = finished
  if (mayPostpone) return openPendingSignIn(shell.parts, pending, 'postponed')
  if (methods.length > 0 && (await browser.isRemembered(pending)))
    return openPendingSignIn(shell.parts, pending, 'remembered browser')
  const challenge = await savePendingSignIn(shell.parts, pending, { origin: client.origin }, typedEmail)
  const hasPasskey = methods.includes('passkey') && shell.parts.passkeySite !== undefined
  const options = hasPasskey ? await passkeyFactorOptions(shell.parts, pending, challengeId(challenge)) : undefined
  const error = new MfaRequired(challenge, methods, options)
  return { outcome: 'refused', error, fixer: 'user', reference: resume.reference, resume }
}

export const secondFactorRoute = apiRoute('proveSecondFactor', 'post', '/api/v1/sessions/mfa', {
  caller: 'anyone',
  permission: 'none',
  fromReturnOrigins: true,
  summary: 'Finish a sign-in with a second factor',
  description:
    'After a sign-in was answered with `mfa_required`. The challenge works once, for five minutes and five tries, from the origin that the sign-in came from.',
  body: {
    schema: schemas.SecondFactor,
    example: {
      challenge: 'kG1w3nWq0y5sZ2bT7uVx4A.EXAMPLE0000000000000000000000000000000000000',
      method: 'totp',
      code: '492039',
    },
  },
  answer: openedAnswer,
  errors: [
    ...(['mfa_challenge_invalid', 'factor_invalid', 'factor_not_allowed'] as const),
    ...(['too_many_attempts', 'user_blocked', 'user_revoked', 'passkey_invalid'] as const),
    ...cookieErrors,
  ],
  handler: async ({ shell, body, client, browser }) => {
    const presented = { challenge: body.challenge, caller: { origin: client.origin } }
    if (body.cookie === true) {
      const { tenant } = await findPendingSignIn(shell.parts, presented.challenge, presented.caller)
      browser.assertMayKeep(shell.parts.connections.tenant(tenant))
    }
    const finished = await proveSecondFactor(shell.parts, presented, proofOf(body))
    if (finished.outcome === 'refused') return { refused: finished }
    await browser.opened(finished, { cookie: body.cookie, email: finished.typedEmail })
    return openedSessionView(finished, body)
  },
})
