/** Emails about the security of an account: to which addresses, and that they fail no action. */
import { beforeEach, describe, expect, it } from 'vitest'
import { notifyAdmins } from '../../../src/broker/access/notify-admins.ts'
import { notifyOwner } from '../../../src/broker/identity/notify-owner.ts'
import { mailNotice, notifyUser } from '../../../src/broker/identity/notify-user.ts'
import type { User, UserIdentity } from '../../../src/broker/ports/users.ts'
import { type Broker, connectionSettings, openBroker, stubProvider, tenantOf } from '../../support/gatehouse/broker.ts'
import { testPassword } from '../../support/providers/test-providers.ts'
import { sampleIdentity, sampleUser } from '../../support/store/samples.ts'

const tenants = [
  tenantOf(
    [
      connectionSettings({ id: 'okta', domains: ['acme.test'] }),
      connectionSettings({ id: 'other' }),
      connectionSettings({ id: 'password', kind: 'password', config: testPassword.config.parse({}) }),
    ],
    { access: { admin: [{ email: 'admin@acme.test' }], developer: [], groupsFrom: [], groupsMaxAgeSeconds: 60 } },
  ),
]
const event = { kind: 'recovery codes replaced' } as const
const emailOf = (address: string, verified = true) => ({ email: { address, verified } })

let broker: Broker
beforeEach(async () => {
  broker = await openBroker({ tenants, providers: [stubProvider(), testPassword] })
})

async function userWith(own: Partial<User>, ...identities: readonly Partial<UserIdentity>[]) {
  const user = sampleUser({ tenant: 'acme', ...own })
  const [first = {}, ...others] = identities
  expect(await broker.parts.users.create(user, sampleIdentity(first))).toBe(true)
  for (const each of others) expect(await broker.parts.users.link(user, sampleIdentity(each))).toBe(true)
  return { tenant: 'acme', userId: user.id }
}
const recipients = () => broker.mails.map(({ to }) => to).toSorted()

describe('an email about the security of an account', () => {
  it('goes to every proven address, once', async () => {
    const user = await userWith(
      { profile: emailOf('ada@acme.test'), emailProven: true },
      { connection: 'okta', profile: emailOf('ada@acme.test') },
      { connection: 'okta', profile: emailOf('ada.l@acme.test') },
      { connection: 'password', profile: emailOf('ada@home.test') },
    )
    expect(await notifyUser(broker.parts, user, event)).toBe('queued')
    expect(recipients()).toEqual(['ada.l@acme.test', 'ada@acme.test', 'ada@home.test'])
    expect(broker.mails[0]).toMatchObject({ kind: 'securityNotice', link: 'https://gatehouse.test/account/security' })
  })

  it('about a changed sign-in method goes to every proven address, also one that the change takes away', async () => {
    const key = await userWith(
      { profile: emailOf('ada@acme.test'), emailProven: true },
      { connection: 'other', profile: emailOf('claimed@acme.test') },
      { connection: 'password', profile: emailOf('ada@home.test') },
    )
    const user = await broker.parts.users.find('acme', key.userId)
    if (user === null) throw new Error('no user')
    const change = { action: 'identity.unlinked', opened: undefined, connection: 'okta', users: [user] } as const
    await notifyOwner(broker.parts, { ...change, addresses: ['ada.l@acme.test'] })
    expect(recipients()).toEqual(['ada.l@acme.test', 'ada@acme.test', 'ada@home.test'])
    expect(broker.mails[0]).toMatchObject({ kind: 'methodRemoved' })
  })

  it('ID-01 ID-02 never goes to an address that only an upstream claims', async () => {
    const user = await userWith(
      { profile: emailOf('eve@victim.test'), emailProven: false },
      { connection: 'other', profile: emailOf('victim@acme.test') },
      { connection: 'other', profile: emailOf('victim@home.test') },
      { connection: 'okta', profile: emailOf('victim@elsewhere.test') },
      { connection: 'okta', profile: emailOf('unverified@acme.test', false) },
      { connection: 'removed', profile: emailOf('gone@acme.test') },
      { connection: 'okta', profile: emailOf('suspended@acme.test'), suspendedAt: new Date() },
    )
    expect(await notifyUser(broker.parts, user, event)).toBe('none: no proven address')
    expect(recipients()).toEqual([])
  })

  it('fails no action: what went wrong is returned for the audit event', async () => {
    const user = await userWith({ emailProven: true })
    const down = () => Promise.reject(new Error('the database is down'))
    const noUsers = { ...broker.parts, users: { ...broker.parts.users, identitiesOf: down } }
    expect(await notifyUser(noUsers, user, event)).toMatch(/^failed: /)
    const noOutbox = { ...broker.parts, mailer: { ...broker.parts.mailer, securityNotice: down } }
    expect(await notifyUser(noOutbox, user, event)).toMatch(/^failed: /)
  })

  it('goes to addresses that were read before the user was deleted', async () => {
    const mail = await mailNotice(broker.parts, 'acme', ['ada@acme.test'], { kind: 'deletion done' })
    expect([mail, recipients()]).toEqual(['queued', ['ada@acme.test']])
  })

  it('goes to the admins', async () => {
    const used = { kind: 'break-glass used', user: 'ada@acme.test', at: broker.parts.now() } as const
    expect(await notifyAdmins(broker.parts, 'acme', used)).toBe('queued')
    expect(broker.mails).toEqual([
      { kind: 'securityNotice', to: 'admin@acme.test', link: 'https://gatehouse.test/admin/audit' },
    ])
  })
})
