/** Emails to the owner of an app or a credential: after the change, which they must not fail. */
import { beforeEach, describe, expect, it } from 'vitest'
import { rotateSecret } from '../../../src/broker/apps/client-secrets.ts'
import { mailOwnerOf } from '../../../src/broker/identity/notify-owner.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import { type ReportedText, reportLeak } from '../../../src/broker/secrets/report-leak.ts'
import { type Broker, openBroker } from '../../support/gatehouse/broker.ts'
import { sampleApp, sampleIdentity, sampleUser } from '../../support/store/samples.ts'

let broker: Broker
let owner: User
beforeEach(async () => {
  broker = await openBroker()
  owner = sampleUser({ tenant: 'removed' })
  await broker.parts.users.create(owner, sampleIdentity())
})

async function registered() {
  const app = sampleApp({ owner: { tenant: owner.tenant, userId: owner.id }, secrets: [] })
  await broker.parts.apps.create(app)
  return { app: (await broker.parts.apps.find(app.id))!, credential: 'k1' }
}

const failing = () => ({
  ...broker.parts,
  users: { ...broker.parts.users, find: () => Promise.reject(new Error('the database is down')) },
})
const details = async (action: string) => (await broker.parts.audit.recent({ action, limit: 1 }))[0]?.details

describe('the email to an owner', () => {
  it('names a removed tenant by its ID', async () => {
    const sent: object[] = []
    const send = async (mail: object) => sent.push(mail) > 0
    expect(await mailOwnerOf(broker.parts, { tenant: owner.tenant, userId: owner.id }, send)).toBe('queued')
    expect(sent).toEqual([{ to: owner.profile.email?.address, tenantName: 'removed' }])
    expect(await mailOwnerOf(broker.parts, { tenant: 'acme', userId: 'nobody' }, send)).toBe('none: the owner is gone')
  })

  it('may fail: the new secret of an app is returned, and audited', async () => {
    const calling = await registered()
    expect((await rotateSecret(failing(), calling, calling.app.id)).text).toMatch(/^gth_c_/)
    expect(await details('app.secret_created')).toMatchObject({ mail: expect.stringMatching(/^failed: /) })
    expect((await rotateSecret(broker.parts, calling, calling.app.id)).text).toMatch(/^gth_c_/)
    expect(await details('app.secret_created')).toMatchObject({ mail: 'queued' })
  })

  it('may fail: a leaked secret ends, and is audited', async () => {
    const calling = await registered()
    const { text } = await rotateSecret(broker.parts, calling, calling.app.id)
    const reported: ReportedText = { text, url: undefined }
    // the registry reads the owner by a port of its own
    const ports = { ...failing(), onDeclaredSecret: () => expect.unreachable() }
    expect(await reportLeak(ports, reported)).toMatchObject({ app: calling.app.id })
    expect(await details('credential.leaked')).toMatchObject({ mail: expect.stringMatching(/^failed: /) })
    expect((await broker.parts.apps.find(calling.app.id))?.secrets).toEqual([])
  })
})
