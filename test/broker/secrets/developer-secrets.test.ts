import { expect, it } from 'vitest'
import { isFresh } from '../../../src/broker/identity/fresh-sign-in.ts'
import { checkDeveloperSecret } from '../../../src/broker/secrets/check-developer-secret.ts'
import {
  createDeveloperSecret,
  endSecretsCreatedSince,
  ensureDeveloperSecret,
  revealDeveloperSecrets,
  revokeDeveloperSecret,
  rotateDeveloperSecret,
} from '../../../src/broker/secrets/developer-secrets.ts'
import type { GatehouseError } from '../../../src/errors.ts'
import { codeOf, connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleIdentity, sampleSession, sampleUser } from '../../support/store/samples.ts'

const acme = tenantOf([connectionSettings({ id: 'okta' })])

async function opened() {
  const broker = await openBroker({ tenants: [acme] })
  const { parts } = broker
  const user = sampleUser({ tenant: 'acme' })
  await parts.users.create(user, sampleIdentity())
  const now = parts.now()
  const session = sampleSession({ tenant: 'acme', userId: user.id, authenticatedAt: now })
  const tenants = new Map([[acme.id, acme]])
  const check = (text: string, served = tenants) => checkDeveloperSecret({ ...parts, tenants: served }, text)
  return { ...broker, user, session, check }
}

it('creates the first secret once for 50 concurrent visits, and none after it was revoked', async () => {
  const { parts, session } = await opened()
  await Promise.all(Array.from({ length: 50 }, () => ensureDeveloperSecret(parts, session)))
  const [shown, ...others] = await revealDeveloperSecrets(parts, session)
  expect(others).toEqual([])
  expect(shown?.text).toMatch(/^gth_d_[0-9A-Za-z]{49}$/)
  await revokeDeveloperSecret(parts, session, shown!.id)
  await ensureDeveloperSecret(parts, session)
  expect(await revealDeveloperSecrets(parts, session)).toEqual([])
  expect((await createDeveloperSecret(parts, session)).text).toMatch(/^gth_d_/)
  expect(await codeOf(createDeveloperSecret(parts, session))).toBe('secret_refused')
})

it.each([0, 3600])('lets one of 50 concurrent rotations win with an overlap of %i seconds', async (overlapSeconds) => {
  const { parts, session, check, pass } = await opened()
  const first = await createDeveloperSecret(parts, session)
  const rotation = { replaces: first.secret.id, overlapSeconds }
  const all = await Promise.allSettled(
    Array.from({ length: 50 }, () => rotateDeveloperSecret(parts, session, rotation)),
  )
  const won = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect(won).toHaveLength(1)
  const reasons = all.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  for (const reason of reasons) expect(reason).toMatchObject({ code: 'secret_refused' })
  const newest = JSON.stringify(won[0]!.secret.id)
  expect((reasons[0] as GatehouseError).text).toContain(newest)
  expect(await check(won[0]!.text)).toMatchObject({ userId: session.userId })
  expect((await check(first.text)) === null).toBe(overlapSeconds === 0)
  pass(overlapSeconds + 1)
  expect(await check(first.text)).toBeNull()
})

it('shows a secret after a recent sign-in, and withholds older ones else', async () => {
  const { parts, session, pass } = await opened()
  const { text } = await createDeveloperSecret(parts, session)
  pass(601)
  expect(await revealDeveloperSecrets(parts, session)).toMatchObject([{ withheld: true, text: undefined }])
  const fresh = { ...session, authenticatedAt: parts.now() }
  expect(await revealDeveloperSecrets(parts, fresh)).toMatchObject([{ withheld: false, text }])
})

it('RE-03 ends those created since the password was set, and no older one', async () => {
  const { parts, session, pass, check } = await opened()
  const { text } = await createDeveloperSecret(parts, session)
  const created = parts.now()
  pass(1)
  expect(await endSecretsCreatedSince(parts, session, parts.now())).toBe(false)
  expect(await check(text)).not.toBeNull()
  expect(await endSecretsCreatedSince(parts, session, created)).toBe(true)
  expect(await check(text)).toBeNull()
})

it('acts as its user with their permissions now, and never as a recent sign-in', async () => {
  const { parts, session, user, check } = await opened()
  const { text, secret } = await createDeveloperSecret(parts, session)
  const checked = await check(text)
  expect(checked).toMatchObject({
    id: secret.id,
    tenant: 'acme',
    userId: user.id,
    profile: { email: user.profile.email },
    apiToken: { scopes: undefined },
  })
  expect(checked !== null && (await isFresh(parts, checked))).toBe(false)
  expect((await parts.developerSecrets.findByHash(secret.hash))?.secret.lastUsedAt).toEqual(parts.now())
  expect(await check(text, new Map())).toBeNull()
  await parts.users.setStatus('acme', user.id, 'blocked')
  expect(await check(text)).toBeNull()
  await parts.users.setStatus('acme', user.id, 'active')
  expect(await check(text)).not.toBeNull()
  await revokeDeveloperSecret(parts, session, secret.id)
  expect(await check(text)).toBeNull()
})

it('AP-01 looks up no text with a wrong prefix or checksum', async () => {
  const { parts, session, check } = await opened()
  const { text } = await createDeveloperSecret(parts, session)
  const wrong = [text.replace('gth_d_', 'gth_a_'), text.slice(0, -1), `${text.slice(0, -1)}_`, '']
  for (const each of wrong) expect(await check(each), each).toBeNull()
})

it('SE-09 rotates and revokes no secret of another developer', async () => {
  const { parts, session } = await opened()
  const { secret } = await createDeveloperSecret(parts, session)
  const other = { ...session, userId: 'eve' }
  expect(await codeOf(revokeDeveloperSecret(parts, other, secret.id))).toBe('secret_unknown')
  expect(await codeOf(rotateDeveloperSecret(parts, other, { replaces: secret.id }))).toBe('secret_refused')
  expect(await revealDeveloperSecrets(parts, other)).toEqual([])
  expect(await revealDeveloperSecrets(parts, session)).toHaveLength(1)
})

it('records each change and each display without the secret', async () => {
  const { parts, session } = await opened()
  const { secret, text } = await createDeveloperSecret(parts, session)
  await revealDeveloperSecrets(parts, session)
  const next = await rotateDeveloperSecret(parts, session, { replaces: secret.id, overlapSeconds: 60 })
  await revokeDeveloperSecret(parts, session, secret.id)
  const events = await parts.audit.recent({ tenant: 'acme', limit: 10 })
  expect(events.map(({ action }) => action).toSorted()).toEqual([
    'developer.secret_created',
    'developer.secret_revealed',
    'developer.secret_revoked',
    'developer.secret_rotated',
  ])
  for (const each of [text, next.text, secret.hash]) expect(JSON.stringify(events)).not.toContain(each)
})
