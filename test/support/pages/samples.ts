/** Every page in all states. `text` replaces user-supplied text. */

import { deviceCodePage, deviceConfirmPage } from '../../../src/oidc/device/device-pages.tsx'
import { errorPage } from '../../../src/pages/error-page.tsx'
import { messagePage, redirectPage, submittedFormPage } from '../../../src/pages/message-page.tsx'
import { consentPage } from '../../../src/web/consent/consent-page.tsx'
import { signOutPage } from '../../../src/web/logout/sign-out-page.tsx'
import {
  enterCodePage,
  mailedLinkPage,
  otherBrowserPage,
} from '../../../src/web/sign-in/email-code/email-code-pages.tsx'
import { chooseServedTenantPage, chooseTenantPage } from '../../../src/web/sign-in/pages/choose-tenant-page.tsx'
import { linkingPage } from '../../../src/web/sign-in/pages/linking-page.tsx'
import { loginPage } from '../../../src/web/sign-in/pages/login-page.tsx'
import {
  checkMailPage,
  choosePasswordPage,
  otherConnectionPage,
  passwordSavedPage,
  requestResetPage,
  signUpPage,
} from '../../../src/web/sign-up/sign-up-pages.tsx'
import { accessSamples } from './access-samples.ts'
import { brandStyles as brandSheet } from './page-server.ts'
import { secondFactorSamples } from './second-factor-samples.ts'

const onePixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

/** Replaces every stranger's word by a hostile one, or leaves it. */
type Retell = (text: string) => string

export const now = new Date('2026-11-14T09:05:00Z')

export function samplePages(retell: Retell = (text) => text): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics') }
  const brandStyles = brandSheet.path
  const supported = { ...tenant, supportUrl: '/support', termsUrl: '/terms', privacyUrl: '/privacy' }
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
  const login = { tenant: supported, connections, brandStyles, typed: true, keep: true, ...links }
  // without autofill, its script asks nothing before a click
  const passkeys = { action: '/login/passkey', options: '/login/passkey/options', lastUsed: false, autofill: false }
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
  const waiting = {
    pendingHref: '/sign-up/waiting?email_hint=x',
    savedHref: '/sign-up/waiting?email_hint=x&saved=yes',
    reload: { seconds: 10, href: '/sign-up/waiting?reload=1' },
  }
  const mailed = { tenant, email, again: form, changeEmailHref: '/sign-up', signInHref, ...waiting }
  const enterCode = {
    tenant: supported,
    email,
    minutes: 10,
    form: { action: '/login/code', hidden },
    again: { action: '/login/email', hidden },
    againSeconds: 30,
    changeEmailHref: signInHref,
  }
  return {
    login: loginPage({ ...login, form: { ...form, step: 'email', ...links } }),
    'login-buttons-only': loginPage({ ...login, typed: false }),
    'login-email-only': loginPage({
      ...login,
      connections: [],
      typed: false,
      form: { ...form, step: 'email', email, ...links },
    }),
    'login-nothing': loginPage({ ...login, connections: [], typed: false }),
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
    'login-app': loginPage({
      ...login,
      app: { name: retell('Nora Notes'), logoUri: onePixel },
      form: { ...form, step: 'email', ...links },
      notice: { text: retell('The sign-in with Okta was canceled.'), reference, toApp: '/consent/9f2c1e' },
    }),
    'login-email-first': loginPage({ ...login, form: { ...form, step: 'email', first: true, ...links } }),
    'login-passkey': loginPage({ ...login, passkeys, form: { ...form, step: 'email', ...links } }),
    'login-email-first-passkey': loginPage({
      ...login,
      passkeys,
      form: { ...form, step: 'email', first: true, ...links },
    }),
    'login-password-or-code': loginPage({
      ...login,
      form: { ...form, step: 'password', email, ...links },
      codeAction: '/login/email',
    }),
    'enter-code': enterCodePage(enterCode),
    'enter-code-connects': enterCodePage({ ...enterCode, connects: retell('Google') }),
    'enter-code-error': enterCodePage({
      ...enterCode,
      error: {
        title: retell('The code is wrong'),
        text: retell('Enter the six digits of the newest email.'),
        reference,
      },
    }),
    'mailed-link': mailedLinkPage({ tenant: supported, email, form }),
    'mailed-link-elsewhere': otherBrowserPage({ tenant: supported, signInHref }),
    'sign-up': signUpPage({ tenant: supported, connections, brandStyles, form, signInHref }),
    'sign-up-email-only': signUpPage({ tenant: supported, form, signInHref }),
    'sign-up-elsewhere': otherConnectionPage({
      tenant: supported,
      domain: retell('acme.test'),
      label: retell('Okta'),
      href: '/t/acme/okta/start',
      backHref: '/sign-up',
    }),
    'password-saved': passwordSavedPage({
      tenant: supported,
      destination: { href: '/account', label: retell('Continue to Nora Notes') },
    }),
    'sign-up-error': signUpPage({
      tenant,
      form,
      email,
      name: retell('Ada'),
      signInHref,
      error: { ...wrong, title: retell('That is no email address'), field: 'email', reference },
    }),
    'check-mail': checkMailPage({ ...mailed, what: 'sign-up' }),
    'check-mail-again': checkMailPage({ ...mailed, what: 'reset', isAgain: true }),
    'choose-password': choosePasswordPage({
      tenant,
      what: 'sign-up',
      email,
      rule: retell('Use at least 15 characters; a few unrelated words are best.'),
      minimumLength: 15,
      form,
    }),
    'choose-password-error': choosePasswordPage({
      tenant,
      what: 'reset',
      email,
      rule: retell('Use at least 15 characters; a few unrelated words are best.'),
      minimumLength: 15,
      form,
      error: { title: retell('Choose another password'), text: retell('It is too common.') },
    }),
    'request-reset': requestResetPage({ tenant, form, email, signInHref }),
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
      text: retell('It did not complete the sign-in. Choose another way to sign in, or try again later.'),
      code: 'upstream_refused',
      reference,
      fixer: 'tenant admin',
      tenant: supported,
      links: [
        { href: signInHref, label: retell('Start again') },
        { href: '/t/acme/password/start', label: retell('Sign in another way') },
      ],
    }),
    'error-short': errorPage({ title: retell('Nothing lives here'), text: retell('Old link?'), fixer: 'user' }),
    'error-details': errorPage({
      title: retell("This app's redirect URI isn't registered"),
      text: retell('We stopped for your security.'),
      fixer: 'app developer',
      fix: retell('Register it in `redirectUris`. See `docs/apps/settings.md`.'),
      reference,
      details: [
        { label: retell('redirect_uri received'), values: [retell('https://app.acme.test.evil.test/callback')] },
        {
          label: retell('Registered for this app'),
          values: [retell('https://app.acme.test/callback'), retell('none')],
        },
      ],
    }),
    ...accessSamples(retell),
    ...secondFactorSamples(retell),
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
