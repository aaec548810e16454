/** Every page in all states. `text` replaces user-supplied text. */

import { deviceCodePage, deviceConfirmPage } from '../../../src/oidc/device/device-pages.tsx'
import { errorPage } from '../../../src/pages/error-page.tsx'
import { messagePage, redirectPage, submittedFormPage } from '../../../src/pages/message-page.tsx'
import { accountPage } from '../../../src/web/account/account-page.tsx'
import { consentPage } from '../../../src/web/consent/consent-page.tsx'
import { signOutPage } from '../../../src/web/logout/sign-out-page.tsx'
import { chooseServedTenantPage, chooseTenantPage } from '../../../src/web/sign-in/choose-tenant-page.tsx'
import { linkingPage } from '../../../src/web/sign-in/linking-page.tsx'
import { loginPage } from '../../../src/web/sign-in/login-page.tsx'
import {
  checkMailPage,
  choosePasswordPage,
  requestResetPage,
  signUpPage,
} from '../../../src/web/sign-up/sign-up-pages.tsx'
import { brandStyles as brandSheet } from './page-server.ts'

/** Replaces every stranger's word by a hostile one, or leaves it. */
type Retell = (text: string) => string

export const now = new Date('2026-11-14T09:05:00Z')

export function samplePages(retell: Retell = (text) => text): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics') }
  const brandStyles = brandSheet.path
  const supported = { ...tenant, supportUrl: '/support' }
  const email = retell('ada.lovelace@acme.test')
  const reference = retell('gth-7K2M-Q9XD')
  const hidden = { [retell('transaction')]: retell('9f2c1e') }
  const form = { action: '/login', hidden }
  const signInHref = '/login?tenant=acme'
  const connection = (id: string, label: string, lastUsed: boolean) => ({
    id,
    ...(['google', 'apple'].includes(id) && { kind: id }),
    label: retell(label),
    logoPath: `/logos/${id}.svg`,
    href: `/t/acme/${id}/start`,
    lastUsed,
  })
  const connections = [
    connection('okta', 'Sign in with Okta', true),
    connection('google', 'Sign in with Google', false),
    connection('apple', 'Sign in with Apple', false),
    { ...connection('partners', 'Sign in with Acme Partner Network', false), logoPath: undefined },
  ]
  const links = { signUpHref: '/sign-up', resetHref: '/reset', changeEmailHref: signInHref }
  const wrong = {
    title: retell('Email or password is wrong'),
    text: retell('Check both and try again, or reset your password.'),
  }
  const login = { tenant: supported, connections, brandStyles, passwords: true, ...links }
  const session = {
    id: retell('s-1'),
    device: retell('Firefox on Linux'),
    connection: retell('Okta'),
    createdAt: new Date('2026-11-14T08:12:00Z'),
    lastSeenAt: now,
    expiresAt: new Date('2026-12-14T08:12:00Z'),
    idleSeconds: 14 * 86_400,
    current: true,
  }
  const otherSessions = [
    { ...session, id: retell('s-2'), device: retell('Safari on iPhone'), current: false },
    { ...session, id: retell('s-3'), device: retell('Chrome on Windows'), current: false },
  ].map((other, index) => ({ ...other, lastSeenAt: new Date(now.getTime() - (index * 30 + 5) * 3_600_000) }))
  const profile = {
    name: retell('Ada Lovelace'),
    email: { address: email, verified: true },
    pictureUrl: 'https://pictures.elsewhere.test/ada.png',
    groups: Array.from({ length: 20 }, (_, index) => retell(`Engineering ${index + 1}`)),
  }
  const identities = [
    { id: retell('i-1'), connection: retell('Okta'), knownAs: email, lastUsedAt: now, usable: true },
    { id: retell('i-2'), connection: retell('Google'), lastUsedAt: new Date('2026-10-03T17:40:00Z'), usable: true },
    {
      id: retell('i-3'),
      connection: retell('old-saml'),
      knownAs: email,
      lastUsedAt: new Date('2024-02-01T06:00:00Z'),
      usable: false,
    },
  ]
  const addable = [
    { id: retell('apple'), kind: 'apple', label: retell('Continue with Apple'), logoPath: '/logos/apple.svg' },
    {
      id: retell('linkedin'),
      label: retell('Sign in with LinkedIn'),
      logoPath: '/logos/linkedin.svg',
    },
    { id: retell('password'), label: retell('Add a password'), href: '/sign-up' },
  ]
  const may = [
    retell('see your email address'),
    retell("keep access when you're not using the app, until you remove it"),
  ]
  const apps = [
    {
      appId: retell('a-1'),
      name: retell('Notes'),
      sentences: may,
      firstGrantedAt: new Date('2026-01-02T08:00:00Z'),
      grantedAt: now,
    },
    { appId: retell('a-2'), name: retell('Maps'), sentences: may.slice(0, 1), firstGrantedAt: now, grantedAt: now },
  ]
  const account = {
    tenant,
    apps,
    signInMethods: { identities, addable },
    profile,
    signedInWith: retell('Okta'),
    now,
  }
  const asking = {
    tenant,
    app: { name: retell('Notes') },
    person: { name: retell('Ada Lovelace'), email },
    redirectHost: retell('notes.acme.test'),
    form: { ...form, action: '/consent/9f2c1e' },
    switchHref: signInHref,
  }
  const scopes = [
    { scope: retell('openid'), sentence: retell('recognize you when you return'), values: [] },
    { scope: retell('email'), sentence: retell('see your email address'), values: [email] },
    {
      scope: retell('groups'),
      sentence: retell('see which groups you are in'),
      values: [retell('Engineering'), email],
    },
  ]
  return {
    login: loginPage({ ...login, form: { ...form, step: 'email', ...links } }),
    'login-gates-only': loginPage({ ...login, passwords: false }),
    'login-email-only': loginPage({
      ...login,
      connections: [],
      passwords: false,
      form: { ...form, step: 'email', email, ...links },
    }),
    'login-nothing': loginPage({ ...login, connections: [], passwords: false }),
    'login-error': loginPage({
      ...login,
      form: { ...form, step: 'email', email, ...links },
      error: { title: retell('Sign-in was canceled'), text: retell('You can try again.'), reference },
    }),
    'login-password': loginPage({ ...login, connections: [], form: { ...form, step: 'password', email, ...links } }),
    'login-password-error': loginPage({
      ...login,
      form: { ...form, step: 'password', email, ...links },
      error: wrong,
    }),
    'sign-up': signUpPage({ tenant: supported, form, signInHref }),
    'sign-up-error': signUpPage({
      tenant,
      form,
      email,
      name: retell('Ada'),
      signInHref,
      error: { ...wrong, title: retell('That is no email address'), field: 'email', reference },
    }),
    'check-mail': checkMailPage({ tenant, email, what: 'sign-up', signInHref }),
    'choose-password': choosePasswordPage({
      tenant,
      what: 'sign-up',
      email,
      rule: retell('At least 12 characters; a few unrelated words are best.'),
      form,
    }),
    'choose-password-error': choosePasswordPage({
      tenant,
      what: 'reset',
      email,
      rule: retell('At least 12 characters; a few unrelated words are best.'),
      form,
      error: { title: retell('Choose another password'), text: retell('It is too common.') },
    }),
    'request-reset': requestResetPage({ tenant, form, email, signInHref }),
    account: accountPage({
      brandStyles,
      ...account,
      sessions: [...otherSessions, session],
      notice: retell('The session has ended.'),
    }),
    'account-alone': accountPage({
      brandStyles,
      ...account,
      profile: { email: { address: email, verified: false } },
      apps: [],
      sessions: [session],
      signInMethods: {
        ...account.signInMethods,
        identities: identities.slice(0, 1),
        signInAgainHref: '/t/acme/okta/start?prompt=login',
      },
    }),
    linking: linkingPage({
      brandStyles,
      tenant: supported,
      email,
      newLabel: retell('Okta'),
      why: 'unverified',
      connections,
      backHref: signInHref,
      reference,
    }),
    'linking-declinable': linkingPage({
      brandStyles,
      signedIn: asking.person,
      tenant,
      email,
      newLabel: retell('Apple'),
      why: 'foreign domain',
      connections: connections.slice(0, 1),
      decline: { action: '/link', hidden: { code: 'waiting.code' } },
      backHref: signInHref,
      reference,
    }),
    error: errorPage({
      title: retell('The identity provider rejected the sign-in'),
      text: retell('It did not complete the sign-in. Contact your administrator and include the reference below.'),
      reference,
      fixer: 'tenant admin',
      links: [
        { href: signInHref, label: retell('Start again') },
        { href: '/t/acme/password/start', label: retell('Sign in another way') },
      ],
      supportUrl: '/support',
    }),
    'error-short': errorPage({ title: retell('Nothing lives here'), text: retell('Old link?'), fixer: 'user' }),
    'error-details': errorPage({
      title: retell("This app's redirect URI isn't registered"),
      text: retell('Contact the developer of the app.'),
      fixer: 'app developer',
      reference,
      details: [
        { label: retell('redirect_uri received'), values: [retell('https://app.acme.test.evil.test/callback')] },
        {
          label: retell('Registered for this app'),
          values: [retell('https://app.acme.test/callback'), retell('none')],
        },
      ],
    }),
    consent: consentPage({ ...asking, tenant: supported, scopes }),
    'consent-choose': consentPage({ ...asking, scopes: [] }),
    'sign-out': signOutPage({ tenant, person: retell('Ada Lovelace'), app: retell('Notes'), form }),
    'device-code': deviceCodePage({ form }),
    'device-code-signed-in': deviceCodePage({ form, signedIn: asking.person }),
    'device-code-problem': deviceCodePage({ form, code: retell('BCDF-GHJK'), problem: retell('It is not known.') }),
    'device-confirm': deviceConfirmPage({
      form,
      code: retell('BCDF-GHJK'),
      app: { name: retell('Television') },
      person: { name: retell('Ada Lovelace'), email },
    }),
    answer: submittedFormPage({
      title: `Redirecting to ${retell('app.acme.test')}`,
      action: '/callback',
      fields: Object.entries(hidden),
    }),
    hop: redirectPage('/t/acme/okta/start', retell('Okta')),
    post: submittedFormPage({
      title: 'One more step',
      text: 'Select Continue to go to your identity provider.',
      action: '/t/acme/okta/start',
      fields: Object.entries(hidden),
    }),
    repost: submittedFormPage({
      title: 'Signing you in',
      action: '/t/acme/apple/callback',
      fields: [
        [retell('state'), retell('9f2c1e')],
        [retell('code'), retell('c0de')],
      ],
    }),
    'choose-tenant': chooseTenantPage({ form }),
    'choose-served-tenant': chooseServedTenantPage({
      app: { name: retell('Shop') },
      choices: [
        { id: 'acme', name: retell('Acme'), href: '/consent/uid?tenant=acme' },
        { id: 'beta', name: retell('Beta'), href: '/consent/uid?tenant=beta' },
      ],
    }),
    'choose-tenant-error': chooseTenantPage({
      form,
      email,
      error: { title: retell('We do not know that domain'), text: retell('Ask your administrator.'), reference },
    }),
    message: messagePage({
      title: retell('You are signed out'),
      text: retell('See you.'),
      href: '/',
      label: retell('Sign in'),
    }),
  }
}
