import { expect } from 'vitest'
import { addTotp } from '../gatehouse/second-factors.ts'
import type { TestGatehouse } from '../gatehouse/test-gatehouse.ts'
import type { Ask } from './admin-calls.ts'
import { signInWithPasskey } from './passkey-calls.ts'

/**
 * Sign-ins that need a code, and by a passkey, with every response compared with its description.
 */
export async function signInWithFactor(gatehouse: TestGatehouse, ask: Ask): Promise<void> {
  const person = { tenant: 'acme', email: 'two@mail.test', password: 'correct horse battery staple' }
  await gatehouse.addUser(person)
  const { nextCode } = await addTotp(gatehouse, person.email)
  const refused = await ask('createSession', {}, { json: person })
  expect([refused.status, refused.body.code, refused.body.expires_in]).toEqual([401, 'mfa_required', 300])
  const proof = { challenge: refused.body.challenge, method: 'totp', code: nextCode() }
  expect((await ask('proveSecondFactor', {}, { json: proof })).status).toBe(201)
  await signInWithPasskey(gatehouse, ask)
}
