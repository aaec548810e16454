/** `PUT /api/v1/password`. */
import { changePassword } from '../../../broker/login/change-password.ts'
import { apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { openedAnswer, openedSessionView } from '../sessions/sessions.ts'

export const passwordRoute = apiRoute('changePassword', 'put', '/api/v1/password', {
  caller: 'session',
  permission: 'password:write',
  headless: true,
  summary: 'Change the password of the user',
  description:
    'Ends all sessions of the user and all access of apps, as a reset does, and opens a new session for the caller. Sign-in methods and API tokens added since the password was last set are suspended until the user confirms them; client secrets of the developer created since are revoked. A mail names them. A user without a password adds one with a sign-up code.',
  body: {
    schema: schemas.PasswordChange,
    example: { currentPassword: 'correct horse battery staple', password: 'purple monkey dishwasher 42' },
  },
  answer: openedAnswer,
  errors: ['credentials_invalid', 'password_weak', 'not_found', 'too_many_attempts', 'user_blocked', 'server_busy'],
  handler: async ({ shell, caller, body, client, browser }) => {
    const { currentPassword, password, cookie = browser.holds(caller), token } = body
    if (cookie) browser.assertMayKeep(shell.parts.connections.tenant(caller.tenant))
    const finished = await changePassword(shell.parts, caller, {
      currentPassword,
      password,
      source: client.source,
      knownBrowserOf: (email) => browser.knownBrowser(caller.tenant, email),
      device: client.device,
    })
    if (finished.outcome === 'refused') return { refused: finished }
    if (cookie) await browser.keep(finished, finished.session.profile.email?.address)
    return openedSessionView(finished, { cookie, token })
  },
})
