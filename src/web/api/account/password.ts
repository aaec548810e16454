/** `PUT /api/v1/password`. */
import { changePassword } from '../../../broker/login/change-password.ts'
import { apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { openedAnswer, openedSessionView } from '../sessions/opened-session.ts'
import { openedOrRefused } from '../sessions/second-factor.ts'

export const passwordRoute = apiRoute('changePassword', 'put', '/api/v1/password', {
  caller: 'session',
  permission: 'password:write',
  fromReturnOrigins: true,
  summary: 'Change the password of the user',
  description:
    'Ends all sessions of the user and all access of apps, as a reset does, and opens a new session for the caller; with `endOtherSessions: false`, nothing else ends and nothing is suspended. Sign-in methods and API tokens added since the password was last set are suspended until the user confirms them; client secrets of the developer created since are revoked. An email names them. A user without a password adds one with a sign-up code.',
  body: {
    schema: schemas.PasswordChange,
    example: { currentPassword: 'correct horse battery staple', password: 'purple monkey dishwasher 42' },
  },
  answer: openedAnswer,
  errors: [
    'credentials_invalid',
    'password_weak',
    'sso_required',
    'not_found',
    'too_many_attempts',
    'user_blocked',
    'server_busy',
  ],
  handler: async ({ shell, caller, body, client, browser }) => {
    const { currentPassword, password, endOtherSessions, cookie = browser.holds(caller), token } = body
    if (cookie) browser.assertMayKeep(shell.parts.connections.tenant(caller.tenant))
    const finished = await changePassword(shell.parts, caller, {
      currentPassword,
      password,
      endOtherSessions,
      source: client.source,
      knownBrowserOf: (email) => browser.knownBrowser(caller.tenant, email),
      device: client.device,
    })
    const opened = await openedOrRefused({ shell, client, browser }, finished, caller.profile.email?.address)
    if (opened.outcome === 'refused') return { refused: opened }
    if (cookie) await browser.keep(opened, opened.session.profile.email?.address)
    return openedSessionView(opened, { cookie, token })
  },
})
