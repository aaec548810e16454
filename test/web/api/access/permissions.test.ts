/** The route table: every row names its permission; rows that need none are listed here. */
import { describe, expect, it } from 'vitest'
import { isPermission } from '../../../../src/broker/access/permission.ts'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { routes } from '../../../../src/web/routes.ts'

const rows = routes([])
const nameOf = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`

/** Why nothing is needed, and the rows. */
const open: Readonly<Record<string, readonly string[]>> = {
  'files and pages for anyone': [
    'get /',
    'get /api',
    'get /api/:section',
    'get /api/errors',
    'get /api/v1/openapi.json',
    'get /buttons.js',
    'get /buttons.json',
    'get /buttons/:file',
    'get /device',
    'get /docs{/*path}',
    'get /favicon.ico',
    'get /healthz',
    'get /readyz',
    'get /static/:file',
    'get /static/icons/:file',
    'get /static/logos/:file',
    'get /t/:tenant/:connection/metadata',
  ],
  'a step of signing in or signing up, before there is a user': [
    'get /login',
    'post /login',
    'get /login/second-factor',
    'post /login/second-factor',
    'post /login/second-factor/passkey-options',
    'get /login/second-factor/setup',
    'post /login/second-factor/setup',
    'post /login/second-factor/setup/passkey-options',
    'post /login/email',
    'get /login/code',
    'post /login/code',
    'get /t/:tenant/:connection/sign-in',
    'post /t/:tenant/:connection/sign-in',
    'post /login/passkey',
    'post /api/v1/passkeys/challenge',
    'post /api/v1/sessions/passkey',
    'post /login/passkey/options',
    'get /.well-known/webauthn',
    'get /link',
    'post /link',
    'get /sign-up',
    'get /sign-up/waiting',
    'post /sign-up',
    'get /forgot',
    'get /forgot/waiting',
    'post /forgot',
    'get /t/:tenant/:connection/callback',
    'post /t/:tenant/:connection/callback',
    'get /t/:tenant/:connection/initiate',
    'get /t/:tenant/:connection/reset',
    'post /t/:tenant/:connection/reset',
    'get /t/:tenant/:connection/start',
    'get /t/:tenant/:connection/verify',
    'post /t/:tenant/:connection/verify',
    'post /api/v1/sessions',
    'post /api/v1/sessions/email-code',
    'post /api/v1/sessions/email-code/complete',
    'post /api/v1/sessions/mfa',
    'post /api/v1/sign-ups',
    'post /api/v1/sign-ups/check',
    'post /api/v1/sign-ups/complete',
    'post /api/v1/password-resets',
    'post /api/v1/password-resets/check',
    'post /api/v1/password-resets/complete',
    'post /api/v1/sessions/exchange',
    'options /api/v1/sessions/exchange',
  ],
  'the secret in the address, which expires, shows one trace without personal data': ['get /traces/:code'],
  'the secret in the address, which expires, shows what to enter at an upstream, without secrets': [
    'get /t/:tenant/:connection/setup/:code',
    'post /t/:tenant/:connection/setup/:code/test',
  ],
  'the sealed code of an emailed link, which cancels one deletion': [
    'get /account/delete/cancel',
    'post /account/delete/cancel',
  ],
  'a page for the signed-in user, who may not use the app': ['get /access/:app'],
  'the secret of an emailed link, which works once': [
    ...['get /account/undo', 'post /account/undo', 'get /account/recovery', 'post /account/recovery'],
    ...['get /login/recover/confirm', 'post /login/recover/confirm'],
  ],
  'a sign-in of this browser that waits for a second factor': ['get /login/recover', 'post /login/recover'],
  'a step of an authorization request, bound to the browser and the app': ['get /consent/:uid', 'post /consent/:uid'],
  'a report whose credentials prove it': ['post /api/v1/tokens/reported'],
  'a sign-out that an app or an upstream requests': [
    'get /oauth2/logout',
    'post /oauth2/logout',
    'get /t/:tenant/:connection/logout',
    'post /t/:tenant/:connection/logout',
    'get /t/:tenant/:connection/signed-out',
    'post /t/:tenant/:connection/backchannel-logout',
    'post /t/:tenant/:connection/global-token-revocation',
    'post /t/:tenant/:connection/notifications',
  ],
  'the credentials of an app': [
    'get /api/v1/app',
    'patch /api/v1/app',
    'post /api/v1/app/secrets',
    'delete /api/v1/app/secrets/:secretId',
    'post /api/v1/app/keys',
    'delete /api/v1/app/keys/:keyId',
    'get /api/v1/app/statistics',
    'get /api/v1/app/users',
    'delete /api/v1/app/users/:id/consent',
    'delete /api/v1/app/users/:id/sessions',
    'post /api/v1/app/tokens/check',
    'get /api/v1/app/users/:id',
  ],
}

describe('the route table', () => {
  it('names a permission of the table in every row, or `none`', () => {
    const unknown = rows.filter(({ permission }) => permission !== 'none' && !isPermission(permission))
    expect(unknown.map(nameOf)).toEqual([])
  })

  it('requires none only in the rows listed here', () => {
    // preflights of headless rows: test/web/api/headless
    const isPreflight = ({ method, path }: (typeof rows)[number]) =>
      method === 'options' && apiRoutes.some((route) => route.path === path && route.fromReturnOrigins === true)
    const found = rows.filter((row) => row.permission === 'none' && !isPreflight(row)).map(nameOf)
    expect(found.toSorted()).toEqual(Object.values(open).flat().toSorted())
  })

  it('requires none exactly of API callers without a user', () => {
    const withoutUser = apiRoutes.filter(({ caller }) => caller === 'anyone' || caller === 'app')
    expect(withoutUser.filter(({ permission }) => permission !== 'none').map(nameOf)).toEqual([])
    const withUser = apiRoutes.filter((route) => !withoutUser.includes(route))
    expect(withUser.filter(({ permission }) => permission === 'none').map(nameOf)).toEqual([])
  })

  it('has a permission for developers in every row of the developer pages and API', () => {
    const developers = rows.filter(({ path }) => /^\/(developer|api\/v1\/apps)(\/|$)/.test(path))
    expect(developers.filter(({ permission }) => !permission.startsWith('apps:')).map(nameOf)).toEqual([])
  })
})
