/** `/api/v1/sign-ups` and `/api/v1/password-resets`: an emailed code proves the email. */
import type { z } from 'zod'
import type { ConnectionKey } from '../../../broker/connections.ts'
import { type LinkPurpose, linkConnection, openLink } from '../../../broker/login/password-link.ts'
import { finishLink } from '../../../broker/login/set-password.ts'
import type { ErrorCode } from '../../../errors.ts'
import type { Shell } from '../../shell.ts'
import { mailLink } from '../../sign-up/mail-link.ts'
import { type ApiCall, type ApiRoute, answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView, requiredTenant } from '../sessions/opened-session.ts'
import { openedOrRefused } from '../sessions/second-factor.ts'

const exampleCode = 'kG1w3nWq0y5sZ2bT7uVx4A.EXAMPLE0000000000000000000000000000000000000'
const checked = {
  email: 'ada@acme.test',
  passwordRule: 'Use at least 15 characters. Avoid common passwords, keyboard patterns, and your name or email.',
}
const passwordExample = { tenant: 'acme', code: exampleCode, password: 'correct horse battery staple', cookie: true }
const completeErrors: readonly ErrorCode[] = [
  'link_invalid',
  'password_weak',
  'link_refused',
  'sso_required',
  'connection_unknown',
  'too_many_attempts',
]

interface MailRequest {
  readonly tenant?: string | undefined
  readonly email: string
  readonly name?: string | undefined
  readonly page?: string | undefined
}

interface Texts<S> {
  readonly schema: S
  readonly id: 'SignUp' | 'PasswordReset'
  readonly path: `/api/v1/${string}`
  readonly request: string
  readonly check: string
  readonly complete: string
}

function codeRoutes<S extends z.ZodType<MailRequest>>(purpose: LinkPurpose, texts: Texts<S>): readonly ApiRoute[] {
  const { id, path, schema, request, check, complete } = texts
  const row = { caller: 'anyone', permission: 'none', fromReturnOrigins: true } as const
  return [
    apiRoute(`request${id}`, 'post', path, {
      ...row,
      summary: request,
      description:
        'The response is the same whether or not a user has this email; only the mailbox learns it. The email shows a code, which works once, within an hour.',
      body: { schema, example: { tenant: 'acme', email: 'ada@acme.test' } },
      answer: answer(202, 'An email is on its way, if one may be sent.'),
      errors: ['email_invalid', 'connection_unknown', 'return_to_refused'],
      handler: (call) => requestCode(purpose, call),
    }),
    apiRoute(`check${id}`, 'post', `${path}/check`, {
      ...row,
      summary: check,
      description: 'Does not use it up.',
      body: { schema: schemas.MailedCode, example: { tenant: 'acme', code: exampleCode } },
      answer: answer(200, 'The code works.', schemas.CheckedCode, checked),
      errors: ['link_invalid', 'connection_unknown'],
      handler: async ({ shell, body }) => {
        const { email, rule } = await openLink(shell.parts, purpose, placeOf(shell, purpose, body.tenant), body.code)
        return { email, passwordRule: rule }
      },
    }),
    apiRoute(`complete${id}`, 'post', `${path}/complete`, {
      ...row,
      summary: complete,
      description: 'Uses the code up, sets the password and signs the user in.',
      body: { schema: schemas.ChosenPassword, example: passwordExample },
      answer: openedAnswer,
      errors: [...completeErrors, ...cookieErrors, 'user_blocked', 'server_busy'],
      handler: (call) => completeCode(purpose, call),
    }),
  ]
}

type CodeCall<S extends z.ZodType> = ApiCall<'anyone', z.ZodObject, S>

async function requestCode(purpose: LinkPurpose, { shell, body, client }: CodeCall<z.ZodType<MailRequest>>) {
  const { email, name, page } = body
  await mailLink(shell.parts, purpose, {
    ...placeOf(shell, purpose, body.tenant),
    email,
    ...(name !== undefined && { name }),
    returnTo: '/account',
    source: client.source,
    app: { page },
  })
}

async function completeCode(purpose: LinkPurpose, call: CodeCall<typeof schemas.ChosenPassword>) {
  const { shell, body, client, browser } = call
  const place = placeOf(shell, purpose, body.tenant)
  if (body.cookie === true) browser.assertMayKeep(shell.parts.connections.tenant(place.tenant))
  const { email } = await openLink(shell.parts, purpose, place, body.code)
  const { code, password } = body
  const finished = await finishLink(shell.parts, purpose, place, { code, password, device: client.device })
  const opened = await openedOrRefused({ shell, client, browser }, finished, email)
  if (opened.outcome === 'refused') return { refused: opened }
  await browser.opened(opened, { cookie: body.cookie, email })
  return openedSessionView(opened, body)
}

function placeOf(shell: Shell, purpose: LinkPurpose, given: string | undefined): ConnectionKey {
  const { tenant, settings } = linkConnection(shell.parts, requiredTenant(given ?? shell.defaultTenant), purpose)
  return { tenant: tenant.id, connection: settings.id }
}

export const mailedCodeRoutes = [
  ...codeRoutes('sign-up', {
    schema: schemas.SignUpRequest,
    id: 'SignUp',
    path: '/api/v1/sign-ups',
    request: 'Email a code for signing up',
    check: 'Check an emailed code for signing up',
    complete: 'Sign up with an emailed code',
  }),
  ...codeRoutes('reset', {
    schema: schemas.PasswordResetRequest,
    id: 'PasswordReset',
    path: '/api/v1/password-resets',
    request: 'Email a code for choosing a new password',
    check: 'Check an emailed code for choosing a new password',
    complete: 'Choose a new password with an emailed code',
  }),
]
