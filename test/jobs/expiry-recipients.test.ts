/** Who gets the email about something that expires. */
import { expect, it } from 'vitest'
import type { Mail } from '../../src/broker/ports/durable.ts'
import type { ExpiryAlerts } from '../../src/broker/ports/published-states.ts'
import type { RoleAssignment } from '../../src/broker/ports/role-assignments.ts'
import { sendExpiryAlerts } from '../../src/jobs/health/expiry-alerts.ts'
import { createMailer } from '../../src/jobs/mail/mailer.ts'
import type { Tenant } from '../../src/tenant.ts'
import { connectionSettings, openBroker, tenantOf } from '../support/gatehouse/broker.ts'
import { sampleIdentity, sampleUser } from '../support/store/samples.ts'

const secretExpires = new Date('2026-01-20T00:00:00Z') // five days ahead of the broker's clock
const connections = [connectionSettings({ id: 'okta', secretExpires })]

async function brokerOf(changes: Partial<Tenant>) {
  const tenants = [tenantOf(connections, changes), tenantOf([connectionSettings({ id: 'okta' })], { id: 'beta' })]
  const broker = await openBroker({ tenants })
  const { parts, stores } = broker
  const alerted: number[] = []
  const sendWith = (ports: typeof parts, alerts: ExpiryAlerts = stores.durable.expiryAlerts) =>
    sendExpiryAlerts({
      ports,
      states: stores.durable.publishedStates,
      alerts,
      tenants,
      onAlert: (_, days) => alerted.push(days),
    })
  const addUser = async (tenant: string, address: string, role: RoleAssignment['role']) => {
    const user = sampleUser({ tenant, emailProven: true, profile: { email: { address, verified: true } } })
    await parts.users.create(user, sampleIdentity())
    await parts.roleAssignments.assign({ tenant, userId: user.id, role, assignedBy: 'cli', assignedAt: parts.now() })
    return user
  }
  return { ...broker, alerted, sendWith, addUser, recipients: () => broker.mails.map(({ to }) => to).toSorted() }
}

it('goes to the emails of access and to assigned admins, and not to operators or blocked admins', async () => {
  const admin = [{ email: 'listed@acme.test' }, { group: 'admins' }]
  const access = { admin, developer: [], groupsFrom: [], groupsMaxAgeSeconds: 60 }
  const { parts, sendWith, addUser, recipients } = await brokerOf({ access })
  await addUser('acme', 'assigned@acme.test', 'admin')
  await addUser('acme', 'operator@acme.test', 'operator')
  const blocked = await addUser('acme', 'blocked@acme.test', 'admin')
  await parts.users.setStatus('acme', blocked.id, 'blocked')
  await sendWith(parts)
  expect(recipients()).toEqual(['assigned@acme.test', 'listed@acme.test'])
})

it('goes to the operators of every tenant where the tenant has no admin', async () => {
  const { parts, sendWith, addUser, recipients } = await brokerOf({})
  await addUser('acme', 'one@acme.test', 'operator')
  await addUser('beta', 'two@beta.test', 'operator')
  await addUser('beta', 'admin@beta.test', 'admin')
  await sendWith(parts)
  expect(recipients()).toEqual(['one@acme.test', 'two@beta.test'])
})

it('reads the operators once, whatever the number of alerts and tenants', async () => {
  const two = [...connections, connectionSettings({ id: 'entra', secretExpires })]
  const { parts, sendWith, addUser, recipients } = await brokerOf({ connections: two })
  await addUser('beta', 'two@beta.test', 'operator')
  const reads: string[] = []
  const roleAssignments: typeof parts.roleAssignments = {
    ...parts.roleAssignments,
    ofTenant: (tenant) => parts.roleAssignments.ofTenant(tenant).finally(() => reads.push(tenant)),
    withRole: (role) => parts.roleAssignments.withRole(role).finally(() => reads.push(role)),
  }
  await sendWith({ ...parts, roleAssignments })
  expect(recipients()).toEqual(['two@beta.test', 'two@beta.test'])
  expect(reads).toEqual(['acme', 'operator', 'acme'])
})

it('is due again while emails cannot be queued', async () => {
  const { parts, sendWith, addUser, recipients, alerted } = await brokerOf({})
  const failing = () => Promise.reject(new Error('the store does not answer'))
  await addUser('acme', 'one@acme.test', 'operator')
  await expect(sendWith({ ...parts, mailer: { ...parts.mailer, expiry: failing } })).rejects.toThrow('does not answer')
  expect([alerted, recipients()]).toEqual([[], []])
  await sendWith(parts)
  expect([alerted, recipients()]).toEqual([[7], ['one@acme.test']])
  await sendWith(parts)
  expect(recipients()).toHaveLength(1)
})

it('is due again after the store failed for the recipients', async () => {
  const { parts, sendWith, addUser, recipients } = await brokerOf({})
  await addUser('acme', 'one@acme.test', 'admin')
  const ofTenant = () => Promise.reject(new Error('the store does not answer'))
  const roleAssignments = { ...parts.roleAssignments, ofTenant }
  await expect(sendWith({ ...parts, roleAssignments })).rejects.toThrow('does not answer')
  await sendWith(parts)
  expect(recipients()).toEqual(['one@acme.test'])
})

it('is sent five minutes later when its process died, or lost its store, after the claim', async () => {
  const { parts, stores, pass, sendWith, addUser, recipients } = await brokerOf({})
  await addUser('acme', 'one@acme.test', 'admin')
  const failing = () => Promise.reject(new Error('the store does not answer'))
  const { expiryAlerts } = stores.durable
  const mailer = { ...parts.mailer, expiry: failing }
  await expect(sendWith({ ...parts, mailer }, { ...expiryAlerts, release: failing })).rejects.toThrow('not answer')
  await sendWith(parts)
  expect(recipients()).toEqual([])
  pass(300)
  await sendWith(parts)
  await sendWith(parts)
  expect(recipients()).toEqual(['one@acme.test'])
})

it('reaches the admins of one connection while the email about another cannot be written', async () => {
  const two = [...connections, connectionSettings({ id: 'entra', secretExpires })]
  const { parts, sendWith, addUser, alerted } = await brokerOf({ connections: two })
  await addUser('acme', 'one@acme.test', 'admin')
  const { expiry } = parts.mailer
  const mailer: typeof parts.mailer = {
    ...parts.mailer,
    expiry: async (messages) => {
      if (messages.some(({ connectionId }) => connectionId === 'okta')) throw new Error('no canonical address')
      return expiry(messages)
    },
  }
  await expect(sendWith({ ...parts, mailer })).rejects.toThrow('no canonical address')
  expect(alerted).toEqual([7])
})

it('queues the emails to all admins at once, so that a failure cannot repeat those before it', async () => {
  const { parts, sendWith, addUser } = await brokerOf({})
  for (const name of ['one', 'two', 'three']) await addUser('acme', `${name}@acme.test`, 'admin')
  const added: string[][] = []
  const add = async (mails: readonly Mail[]) => {
    added.push(mails.map(({ to }) => to).toSorted())
  }
  const mailer = createMailer({ outbox: { add }, now: parts.now, wake: () => undefined })
  await sendWith({ ...parts, mailer })
  expect(added).toEqual([['one@acme.test', 'three@acme.test', 'two@acme.test']])
})

it('is logged where no recipient has an address', async () => {
  const { parts, sendWith, alerted, recipients } = await brokerOf({})
  await sendWith(parts)
  expect([alerted, recipients()]).toEqual([[7], []])
})
