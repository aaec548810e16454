/** The pages of users in all states; `retell` replaces what users and upstreams write. */
import type { User } from '../../../src/broker/ports/users.ts'
import { renderConfirmPage } from '../../../src/web/admin/confirm-page.tsx'
import { userActions } from '../../../src/web/admin/users/user-actions.ts'
import { userPage } from '../../../src/web/admin/users/user-page.tsx'
import type { UserRecord } from '../../../src/web/admin/users/user-record.ts'
import { usersPage } from '../../../src/web/admin/users/users-page.tsx'
import { sampleAdministrator } from './admin-samples.ts'
import { now } from './samples.ts'

const daysFromNow = (days: number) => new Date(now.getTime() + days * 86_400_000)
const noQuery = { tenant: undefined, email: undefined, name: undefined, status: undefined, kind: undefined }

export function adminUserPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const userOf = (number: number, changes: Partial<User> = {}): User => ({
    id: `8f14e45fceea167a${number}`,
    tenant: 'acme',
    status: 'active',
    profile: {
      name: retell('Ada Lovelace'),
      email: { address: `${retell('ada')}@acme.test`, verified: true },
      groups: Array.from({ length: 12 }, (_, index) => retell(`group-${index}`)),
      locale: 'en-GB',
      sources: { name: 'okta', email: 'okta', groups: 'okta' },
    },
    emailProven: true,
    createdAt: daysFromNow(-30),
    ...changes,
  })
  const by = sampleAdministrator('operator', retell('Grace Hopper'))
  const users = [
    userOf(1),
    userOf(2, { status: 'blocked', emailProven: false }),
    userOf(3, { status: 'revoked', profile: {} }),
    userOf(4, { kind: 'service', profile: { name: retell('Deploys') } }),
  ]
  const list = { by, tenant: undefined, query: { ...noQuery, cursor: undefined }, users, next: 'next', newAccount: {} }
  const ofTenant = { ...list, tenant: 'acme', next: undefined }
  const labelOf = (connection: string) => retell(connection === 'okta' ? 'Okta' : connection)
  const people = new Map([1, 9].map((number) => [userOf(number).id, userOf(number)]))
  const configured = { isTenantRemoved: false, isConnectionRemoved: () => false }
  const removed = { isTenantRemoved: true, isConnectionRemoved: () => true }
  const shown = { by, labelOf, ...configured, mayChange: true, people, sessionsPage: 1, tokensPage: 1, now }
  const { title, text, label } = userActions[2]!.ask(retell('Ada Lovelace'), '', 'active')
  const question = { section: 'users', by, tenant: 'acme', title, label, action: '/x', cancelHref: '/y' } as const
  const error = { title: 'Too many attempts', text: 'Enough emails went to this address within the last hour.' }
  return {
    'admin-users': usersPage(list),
    'admin-users-of-tenant': usersPage({
      ...ofTenant,
      query: { ...list.query, tenant: 'acme', email: retell('ada'), cursor: 'x' },
      notice: 'The user is blocked.',
      newAccount: { name: retell('Deploys'), fault: 'The name is missing: 1 to 60 characters are needed.' },
    }),
    'admin-users-none': usersPage({ ...ofTenant, users: [], newAccount: { signInAgainHref: '/again' } }),
    'admin-users-nothing-found': usersPage({ ...ofTenant, users: [], query: { ...list.query, email: retell('x') } }),
    'admin-user': userPage({ ...shown, record: fullRecord(userOf(1), retell), notice: 'The session was ended.' }),
    'admin-user-empty': userPage({ ...shown, record: emptyRecord(userOf(3, { status: 'revoked', profile: {} })) }),
    'admin-user-operator': userPage({ ...shown, mayChange: false, record: fullRecord(userOf(1), retell) }),
    'admin-user-of-removed-tenant': userPage({ ...shown, ...removed, record: fullRecord(userOf(1), retell) }),
    'admin-user-service': userPage({ ...shown, record: emptyRecord(users[3]!) }),
    'admin-user-confirm': renderConfirmPage({ ...question, children: text }),
    'admin-user-refused': renderConfirmPage({ ...question, error, children: text }),
    'admin-user-sign-in-again': renderConfirmPage({ ...question, signInAgainHref: '/again', children: text }),
  }
}

function emptyRecord(user: User): UserRecord {
  return {
    user,
    deletionDueAt: undefined,
    identities: [],
    factors: { totp: [], passkeys: [], recoveryCodesLeft: 0, recoveryCodesAt: undefined },
    sessions: [],
    tokens: [],
    secrets: [],
    connectedApps: [],
    ownApps: [],
    roles: [],
    assignments: [],
    passwordEmail: undefined,
    traces: [],
    events: [],
  }
}

function fullRecord(user: User, retell: (text: string) => string): UserRecord {
  const { tenant, id: userId } = user
  const { session } = sampleAdministrator('operator')
  const assignment = { tenant, userId, assignedBy: 'cli', assignedAt: daysFromNow(-3) }
  const token = {
    tenant,
    userId,
    scopes: undefined,
    ranges: [],
    createdAt: daysFromNow(-200),
    expiresAt: daysFromNow(400),
    endsAt: undefined,
    replacedBy: undefined,
    suspendedAt: undefined,
    lastUse: { at: daysFromNow(-100), address: '2001:db8:85a3::8a2e:370:7334', agent: retell('curl on Linux') },
    stale: true,
  }
  return {
    user,
    deletionDueAt: daysFromNow(9),
    factors: {
      totp: [
        {
          ...{ tenant, userId, id: 'a1', kind: 'totp', name: retell('Phone'), createdAt: daysFromNow(-30) },
          ...{ lastUsedAt: daysFromNow(-1), sealed: Buffer.alloc(0), lastStep: 0 },
        },
      ],
      passkeys: [],
      recoveryCodesLeft: 9,
      recoveryCodesAt: daysFromNow(-30),
    },
    identities: ['okta', 'google'].map((connection, index) => ({
      issuer: `https://${retell('acme.okta.example')}`,
      subject: retell('00uAda'),
      connection,
      profile: { email: { address: `${retell('ada')}@acme.test`, verified: true } },
      lastLoginAt: daysFromNow(-index),
      ...(index === 1 && { suspendedAt: daysFromNow(-1) }),
    })),
    sessions: Array.from({ length: 60 }, (_, index) => ({
      ...session,
      id: `session-${index}`,
      device: retell(`Firefox ${index} on Linux`),
    })),
    tokens: [
      { ...token, id: 'token-1', name: retell('Nightly build') },
      {
        ...token,
        id: 'token-2',
        name: retell('Backup'),
        scopes: ['profile:read', 'apps:read'],
        ranges: ['192.0.2.0/24', '2001:db8::/32'],
        suspendedAt: daysFromNow(-1),
        lastUse: undefined,
        stale: false,
      },
    ],
    secrets: [
      { id: 's1', createdAt: daysFromNow(-3), expiresAt: undefined, lastUsedAt: now },
      { id: 's2', createdAt: daysFromNow(-30), expiresAt: daysFromNow(4), lastUsedAt: undefined },
    ],
    connectedApps: [
      {
        appId: 'shop',
        name: retell('Shop'),
        scopes: ['openid', 'email'],
        sentences: ['see your email address', 'know who you are'],
        firstGrantedAt: daysFromNow(-3),
        grantedAt: daysFromNow(-1),
      },
    ],
    ownApps: [
      { id: 'app1', name: retell('Robots'), disabled: undefined },
      { id: 'app2', name: retell('Old robots'), disabled: 'disabled' },
    ],
    roles: [
      { role: 'operator', source: { kind: 'assignment', by: 'cli', at: daysFromNow(-3) } },
      { role: 'admin', source: { kind: 'group', group: retell('acme-admins'), connection: 'okta' } },
      { role: 'developer', source: { kind: 'assignment', by: userId, at: daysFromNow(-3) } },
      { role: 'member', source: { kind: 'default' } },
    ],
    assignments: [
      { ...assignment, role: 'operator' },
      { ...assignment, role: 'developer' },
    ],
    passwordEmail: 'ada@acme.test',
    traces: (['signed in', 'refused', 'started'] as const).map((outcome, index) => ({
      ...{ tenant, outcome, reference: `7KQ2-M9X${index}`, connection: 'okta', startedAt: daysFromNow(-index) },
      ...(outcome === 'refused' && { code: 'upstream_refused' as const }),
      ...{ reasons: [], steps: [] },
    })),
    events: ['sign_in.succeeded', 'token.created', 'role.assigned', 'unknown.action'].map((action, index) => ({
      id: `event-${index}`,
      at: daysFromNow(-index),
      tenant,
      action,
      actor: [userId, userId, 'cli', '8f14e45fceea167a9'][index] ?? 'system',
      target: userId,
      details: {},
    })),
  }
}
