import { expect } from 'vitest'
import { suspendPasskeys } from '../../../src/broker/factors/passkeys/suspend-passkeys.ts'
import { password, tokenFor } from '../gatehouse/connections.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'
import type { TestGatehouse } from '../gatehouse/test-gatehouse.ts'
import { softAuthenticator } from '../passkeys/soft-authenticator.ts'
import type { Ask } from './admin-calls.ts'

/** A passkey is created and signs in, with every response compared with its description. */
export async function signInWithPasskey(gatehouse: TestGatehouse, ask: Ask): Promise<void> {
  const email = 'passkey@mail.test'
  await tokenFor(gatehouse, email)
  const { token } = (await ask('createSession', {}, { json: { tenant: 'acme', email, password } })).body
  const device = softAuthenticator({ origin: publicOrigin, rpId: new URL(publicOrigin).hostname })
  const started = await ask('startPasskey', {}, {}, token)
  const response = device.create(started.body.options)
  const created = await ask('createPasskey', {}, { json: { response, name: 'Laptop' } }, token)
  expect([created.status, created.body.kind, created.body.name]).toEqual([201, 'passkey', 'Laptop'])
  const { id } = created.body
  const { parts } = gatehouse.core
  const [user] = await parts.users.findByProvenEmail('acme', email)
  await suspendPasskeys(parts, { tenant: 'acme', userId: user?.id ?? '' }, new Date(0))
  const { authenticators } = (await ask('listAuthenticators', {}, {}, token)).body
  expect(authenticators).toMatchObject([{ id, suspended: true }])
  expect((await ask('confirmPasskey', { id }, {}, token)).status).toBe(204)
  const { options, expiresIn } = (await ask('createPasskeyChallenge', {}, { json: { tenant: 'acme' } })).body
  expect([options.userVerification, expiresIn]).toEqual(['required', 300])
  const signIn = { json: { tenant: 'acme', response: device.get(options) } }
  expect((await ask('createPasskeySession', {}, signIn)).body.session.authenticated).toMatchObject({
    connection: 'passkey',
    acr: 'urn:gatehouse:acr:phr',
  })
  expect((await ask('createPasskeySession', {}, signIn)).body.code).toBe('passkey_invalid')
}
