/** `POST /api/v1/sessions/step-up`: a second factor of a signed-in user (V1). */
import { verifyFactor, verifySignInPasskey } from '../../../broker/factors/verify-factor.ts'
import { raiseSession } from '../../../broker/login/raise-session.ts'
import { GatehouseError } from '../../../errors.ts'
import { apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView } from './opened-session.ts'
import { proofOf } from './proof-of.ts'

export const stepUpRoute = apiRoute('stepUp', 'post', '/api/v1/sessions/step-up', {
  caller: 'session',
  permission: 'sessions:write',
  fromReturnOrigins: true,
  summary: 'Confirm a second factor',
  description:
    'For ten minutes, the session may then do what is otherwise answered with `fresh_sign_in_required`. It gets a new token, or a new cookie if the cookie was sent; the former one ends, and apps keep their access.',
  body: { schema: schemas.StepUp, example: { method: 'totp', code: '492039' } },
  answer: openedAnswer,
  errors: ['factor_invalid', 'factor_not_allowed', 'passkey_invalid', 'too_many_attempts', ...cookieErrors],
  handler: async ({ shell, caller, body, browser }) => {
    if (caller.apiToken !== undefined)
      throw new GatehouseError('api_token_refused', 'an API token has no session to confirm', {
        text: 'An API token has no session to confirm. Sign in, and send the session token.',
      })
    const inCookie = browser.holds(caller)
    const proof = proofOf(body)
    const factor =
      proof.method === 'passkey'
        ? await verifySignInPasskey(shell.parts, caller, proof)
        : await verifyFactor(shell.parts, caller, proof, caller.id)
    const raised = await raiseSession(shell.parts, caller, factor)
    const { tenant, connection } = raised.session
    const resume = { reference: '', returnTo: '/', tenant, connection }
    const signedIn = { outcome: 'signed in', ...raised, resume, facts: {} } as const
    if (inCookie) await browser.keep(signedIn)
    return openedSessionView(signedIn, { cookie: inCookie })
  },
})
