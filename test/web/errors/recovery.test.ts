/** What the first button of a refused login does: a retry only where it can help. */
import { expect, it } from 'vitest'
import { type ErrorCode, errorTable } from '../../../src/errors.ts'
import { appHref, canceledHref, recoveryOf } from '../../../src/web/errors/recovery-links.ts'

const codes = Object.keys(errorTable) as ErrorCode[]
const having = (recovery: ReturnType<typeof recoveryOf>) => codes.filter((code) => recoveryOf(code) === recovery)

it('another way comes first where the answer of the upstream was refused', () => {
  expect(having('other way').toSorted()).toEqual([
    'callback_invalid',
    'callback_malformed',
    'login_connection_mismatch',
    'plugin_failed',
    'upstream_invalid',
    'upstream_refused',
  ])
})

it('no retry is offered where the same connection would refuse again', () => {
  expect(having('other way only').toSorted()).toEqual([
    'linking_refused',
    'method_suspended',
    'sso_required',
    'user_blocked',
    'user_revoked',
    'user_unknown',
  ])
})

const publicUrl = new URL('https://login.acme.test')

it.each([
  ['https://login.acme.test/consent/9f2c', '/consent/9f2c?refused=access_denied'],
  ['/consent/9f2c?app=notes', '/consent/9f2c?refused=access_denied'],
  ['https://login.acme.test/account', undefined],
  ['https://evil.test/consent/9f2c', undefined],
])('a user who canceled on the way to %s returns to the app at %s', (returnTo, href) => {
  expect(appHref({ publicUrl }, 'user_denied', { returnTo })).toBe(href)
})

const login = { tenant: 'acme', connection: 'okta', reference: 'x', returnTo: '/account' }

it.each([
  [login, '/login?tenant=acme&notice=canceled&connection=okta&reference=7K2M-Q9XD'],
  [
    { ...login, returnTo: 'https://app.acme.test/x', link: 'code' },
    '/login?tenant=acme&return_to=https%3A%2F%2Fapp.acme.test%2Fx&link=code&notice=canceled&connection=okta&reference=7K2M-Q9XD',
  ],
  [{ ...login, linkToSession: 's' }, '/account/sign-in-methods?notice=canceled&method=okta'],
])('a cancel of %j leads to %s', (resume, href) => {
  expect(canceledHref(resume, '7K2M-Q9XD')).toBe(href)
})
