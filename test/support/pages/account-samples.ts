/** The pages below `/account` in all states; `retell` replaces text of users and upstreams. */
import type { Protection } from '../../../src/broker/identity/account/protection.ts'
import type { Passkey, Totp } from '../../../src/broker/ports/authenticators.ts'
import { appsPage, revokeAppPage } from '../../../src/web/account/apps/apps-page.tsx'
import {
  deleteAccountPage,
  deletionOffPage,
  mailedCancelPage,
  ownsAppsPage,
  pendingDeletionPage,
} from '../../../src/web/account/deletion/deletion-pages.tsx'
import {
  sendVerificationPage,
  verificationSentPage,
  verifyEmailPage,
} from '../../../src/web/account/profile/email-pages.tsx'
import { namePage } from '../../../src/web/account/profile/name-page.tsx'
import { type ProfilePageProps, profilePage } from '../../../src/web/account/profile/profile-page.tsx'
import { securityPage } from '../../../src/web/account/security/overview-page.tsx'
import { factorItems, recoveryItems } from '../../../src/web/account/security/security-items.ts'
import { endOthersPage, endSessionPage, sessionsPage } from '../../../src/web/account/sessions/sessions-page.tsx'
import { removeMethodPage, signInMethodsPage } from '../../../src/web/account/sign-in-methods/methods-page.tsx'
import { brandStyles } from './page-server.ts'
import { now } from './samples.ts'

export function accountPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const viewer = {
    tenant: { name: retell('Acme Robotics'), supportUrl: '/support' },
    name: retell('Ada Lovelace'),
    isAdministrator: true,
    isDeveloper: true,
  }
  const email = retell('ada.lovelace@acme.test')
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
  const shown = { viewer, now }

  const okta = { kind: 'connection', label: retell('Okta'), at: ago(2) } as const
  const profile: ProfilePageProps = {
    ...shown,
    userId: 'q4JxYvM2rT8nEo7WkPz1Ag',
    profile: {
      name: retell('Ada Lovelace'),
      email: { address: email, verified: true },
      groups: Array.from({ length: 20 }, (_, index) => retell(`Engineering ${index + 1}`)),
    },
    attributes: [
      { attribute: 'givenName', text: retell('Ada'), source: { kind: 'user' } },
      { attribute: 'familyName', text: retell('Lovelace'), source: okta },
      { attribute: 'phone', text: retell('+441632960000'), source: okta },
      { attribute: 'locale', text: retell('en-GB') },
    ],
    nameSource: { kind: 'user' },
    emailSource: okta,
    roles: ['admin', 'developer'],
  }

  const session = {
    id: retell('s-1'),
    device: retell('Firefox on Linux'),
    connection: retell('Okta'),
    createdAt: ago(1),
    lastSeenAt: now,
    expiresAt: new Date('2026-12-14T08:12:00Z'),
    idleSeconds: 14 * 86_400,
    current: true,
    address: '203.0.113.7',
    multiFactor: true,
  }
  const others = [
    { ...session, id: retell('s-2'), device: retell('Safari on iPhone'), current: false, lastSeenAt: ago(5) },
    {
      ...{ ...session, id: retell('s-3'), device: retell('Chrome on Windows'), current: false, lastSeenAt: ago(35) },
      ...{ address: undefined, multiFactor: false },
    },
  ]

  const identities = [
    {
      ...{ id: retell('i-1'), connection: retell('Okta'), knownAs: email, firstUsedAt: ago(9000), lastUsedAt: now },
      ...{ usable: true, logoPath: '/logos/okta.svg' },
    },
    {
      ...{ id: retell('i-2'), connection: retell('Email and password'), knownAs: email, lastUsedAt: ago(1000) },
      ...{ usable: true, passwordHref: '/account/security/password' },
    },
    {
      ...{ id: retell('i-3'), connection: retell('Google'), lastUsedAt: ago(70), usable: true, suspended: true },
      logoPath: '/logos/google.svg',
    },
    { id: retell('i-4'), connection: retell('old-saml'), knownAs: email, lastUsedAt: ago(9999), usable: false },
  ]
  const addable = [
    { id: retell('apple'), name: retell('Apple'), logoPath: '/logos/apple.svg' },
    { id: retell('linkedin'), name: retell('LinkedIn'), logoPath: '/logos/linkedin.svg' },
    { id: retell('password'), name: retell('Password'), href: '/sign-up' },
  ]
  const methods = { brandStyles: brandStyles.path, ...shown, identities, addable }

  const sentences = [
    retell('see your email address'),
    retell("keep access when you're not using the app, until you remove it"),
  ]
  const granted = { firstGrantedAt: new Date('2026-01-02T08:00:00Z'), grantedAt: now }
  const apps = [
    { appId: retell('a-1'), name: retell('Notes'), sentences, ...granted, lastAccessAt: ago(3) },
    { appId: retell('a-2'), name: retell('Maps'), sentences: sentences.slice(0, 1), ...granted, firstGrantedAt: now },
    { appId: retell('a-3'), name: retell('Intranet'), sentences, ...granted, firstParty: true },
  ]

  const owner = { tenant: 'acme', userId: 'q4JxYvM2rT8nEo7WkPz1Ag' }
  const bare: Protection = {
    ...{ authenticators: [], recoveryCodes: undefined, devices: [], password: undefined },
    ...{ methods: 1, canSetPassword: true },
  }
  const passkey: Passkey = {
    ...{ ...owner, kind: 'passkey', id: 'p1', name: retell('iPhone'), createdAt: ago(500), lastUsedAt: ago(1) },
    ...{ credentialId: 'c', publicKey: 'k', counter: 0, transports: [], backedUp: true, aaguid: '' },
  }
  const totp: Totp = {
    ...{ ...owner, kind: 'totp', id: 't1', name: retell('Phone'), createdAt: ago(400) },
    ...{ sealed: Buffer.alloc(0), lastStep: 0 },
  }
  const device = {
    ...{ ...owner, id: 'd1', hash: '', device: retell('Chrome on Linux'), createdAt: ago(9), lastUsedAt: ago(8) },
    expiresAt: new Date('2026-12-14T08:12:00Z'),
  }
  const full: Protection = {
    ...{ ...bare, authenticators: [passkey, { ...passkey, id: 'p2' }, totp], devices: [device], methods: 3 },
    ...{ recoveryCodes: { remaining: 7, createdAt: ago(400) }, password: { changedAt: ago(4000) } },
  }
  const events = [
    { id: 'e1', text: `Signed in with ${retell('Okta')}`, at: ago(1), device: retell('Chrome on Linux') },
    { id: 'e2', text: `${retell('Google')} was added as a sign-in method`, at: ago(30), address: '2001:db8::7334' },
  ]
  const security = (protection: Protection) => ({
    ...{ ...shown, factors: factorItems(protection), recovery: recoveryItems(protection) },
  })

  return {
    'account-profile': profilePage({ ...profile, notice: retell('Your name was saved.') }),
    'account-profile-bare': profilePage({
      ...{ ...profile, profile: {}, attributes: [], nameSource: undefined, emailSource: undefined, roles: [] },
      viewer: { ...viewer, isAdministrator: false },
    }),
    'account-profile-unverified': profilePage({
      deletionDueAt: ago(-200),
      ...{ ...profile, profile: { email: { address: email, verified: false } }, verifyHref: '/account/email' },
    }),
    'account-name': namePage({
      viewer,
      fields: [
        { attribute: 'name', value: retell('Ada King'), isEdited: true, supplied: retell('Ada Lovelace') },
        { attribute: 'givenName', value: retell('Ada'), isEdited: false, supplied: retell('Ada') },
        { attribute: 'familyName', value: '', isEdited: false },
      ],
    }),
    'account-email': sendVerificationPage({ viewer, email }),
    'account-email-sent': verificationSentPage({ viewer, email }),
    'account-email-verify': verifyEmailPage({ viewer, email, code: retell('code') }),
    'account-delete': deleteAccountPage({ viewer, days: 14 }),
    'account-delete-stale': deleteAccountPage({ viewer, days: 1, signInAgainHref: '/login' }),
    'account-delete-apps': ownsAppsPage({ viewer, apps: [{ id: 'ledger-1', name: retell('Ledger') }] }),
    'account-delete-off': deletionOffPage({ viewer }),
    'account-delete-pending': pendingDeletionPage({ viewer, dueAt: ago(-300), continueHref: '/consent/uid' }),
    'account-methods': signInMethodsPage({ ...methods, notice: `${retell('Google')} was added.` }),
    'account-methods-stale': signInMethodsPage({
      ...{ ...methods, identities: identities.slice(0, 1), signInAgainHref: '/t/acme/okta/start?prompt=login' },
    }),
    'account-methods-none': signInMethodsPage({ ...methods, identities: [], addable: [] }),
    'account-method-remove': removeMethodPage({ viewer, identity: identities[0] as (typeof identities)[0] }),
    'account-method-remove-stale': removeMethodPage({
      ...{ viewer, identity: identities[1] as (typeof identities)[0], signInAgainHref: '/login' },
    }),
    'account-security': securityPage({
      recoveryAt: new Date(now.getTime() + 20 * 3_600_000),
      ...{ ...security(full), events, requirements: [retell('Acme requires a second factor of all its users.')] },
    }),
    'account-security-bare': securityPage({ ...security(bare), events: [], requirements: [] }),
    'account-sessions': sessionsPage({ ...shown, sessions: [...others, session], notice: '3 sessions ended.' }),
    'account-sessions-alone': sessionsPage({ ...shown, sessions: [session] }),
    'account-session-end': endSessionPage({ viewer, session: others[0] ?? session }),
    'account-sessions-end-others': endOthersPage({ viewer, others: 3 }),
    'account-apps': appsPage({ ...shown, apps, notice: 'Access was revoked.' }),
    'account-apps-none': appsPage({ ...shown, apps: [] }),
    'account-app-revoke': revokeAppPage({ viewer, app: apps[0] as (typeof apps)[0] }),
  }
}

/** Behind an emailed link, outside the frame of the site. */
export const mailedDeletionPage = (retell = (text: string) => text): string =>
  mailedCancelPage({
    tenant: { name: retell('Acme Robotics') },
    dueAt: now,
    action: '/account/delete/cancel',
    code: retell('code'),
  })
