/** `/api/v1/sessions/email-code`: sign-in by an emailed code. */
import { openMailedCode, signInWithMailedCode } from '../../../broker/login/email/complete-code.ts'
import { codeMinutes } from '../../../broker/login/email/mailed-code.ts'
import { emailConnection } from '../../../broker/login/email/request-code.ts'
import { canonicalEmail } from '../../../profile/profile.ts'
import { mailCode } from '../../sign-in/email-code/mail-code.ts'
import type { BrowserSession } from '../headless/browser-session.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView, requiredTenant } from '../sessions/opened-session.ts'
import { openedOrRefused } from '../sessions/second-factor.ts'

const path = '/api/v1/sessions/email-code'
const row = { caller: 'anyone', permission: 'none', fromReturnOrigins: true } as const
const exampleChallenge = 'kG1w3nWq0y5sZ2bT7uVx4A'

function knownBrowserOf(browser: BrowserSession, tenant: string, email: string): string | undefined {
  const address = canonicalEmail(email.trim())
  return address === null ? undefined : browser.knownBrowser(tenant, address)
}

export const emailCodeRoutes = [
  apiRoute('requestEmailCode', 'post', path, {
    ...row,
    summary: 'Email a code for signing in',
    description:
      'The response is the same whether or not a user has this email; only the mailbox learns it. The email shows six digits, which work once, within ten minutes, together with the challenge. Keep the challenge secret: it binds the code to its caller.',
    body: { schema: schemas.EmailCodeRequest, example: { tenant: 'acme', email: 'ada@acme.test' } },
    answer: answer(202, 'An email is on its way, if one may be sent.', schemas.EmailCodeChallenge, {
      challenge: exampleChallenge,
      expiresIn: codeMinutes * 60,
    }),
    errors: ['email_invalid', 'connection_unknown', 'sso_required', 'too_many_attempts'],
    handler: async ({ shell, body, client, browser }) => {
      const { tenant, settings } = emailConnection(shell.parts, requiredTenant(body.tenant ?? shell.defaultTenant))
      const challenge = await mailCode(shell.parts, {
        tenant: tenant.id,
        connection: settings.id,
        email: body.email,
        returnTo: '/',
        source: client.source,
        knownBrowser: knownBrowserOf(browser, tenant.id, body.email),
        browser: undefined,
      })
      return { challenge, expiresIn: codeMinutes * 60 }
    },
  }),
  apiRoute('completeEmailCode', 'post', `${path}/complete`, {
    ...row,
    summary: 'Sign in with an emailed code',
    description: 'The code works once. After five wrong codes, ask for a new one.',
    body: {
      schema: schemas.EmailCodeSignIn,
      example: { challenge: exampleChallenge, code: '482913', cookie: true },
    },
    answer: openedAnswer,
    errors: [
      ...([
        'code_invalid',
        'code_expired',
        'mfa_required',
        'user_blocked',
        'user_unknown',
        'too_many_attempts',
      ] as const),
      ...cookieErrors,
    ],
    handler: async ({ shell, body, client, browser }) => {
      const { challenge, code } = body
      const { tenant, email } = await openMailedCode(shell.parts, challenge)
      if (body.cookie === true) browser.assertMayKeep(shell.parts.connections.tenant(tenant))
      const { source, device } = client
      const proof = { challenge, proof: { code }, browser: undefined, source, device }
      const finished = await signInWithMailedCode(shell.parts, proof)
      const opened = await openedOrRefused({ shell, client, browser }, finished, email)
      if (opened.outcome === 'refused') return { refused: opened }
      await browser.opened(opened, { cookie: body.cookie, email })
      return openedSessionView(opened, body)
    },
  }),
]
