/** Sign-up, sign-in and emailed links at the core, with passwords of several tenants. */
import { randomUUID } from 'node:crypto'
import type { Finished } from '../../../src/broker/login/outcome.ts'
import { type LinkPurpose, requestLink } from '../../../src/broker/login/password-link.ts'
import { signInWithCredentials } from '../../../src/broker/login/password-login.ts'
import { finishLink } from '../../../src/broker/login/set-password.ts'
import {
  type Broker,
  connectionSettings,
  loginRequest,
  openBroker,
  stubProvider,
  tenantOf,
} from '../gatehouse/broker.ts'
import { testPassword } from '../providers/test-providers.ts'
import { notSignedIn } from './not-signed-in.ts'

export const good = 'correct horse battery'
export const better = 'another horse battery'
export const passwordConnection = connectionSettings({
  id: 'password',
  kind: 'password',
  config: { signUp: true, askToChange: false },
})
export const shut = connectionSettings({
  id: 'password',
  kind: 'password',
  config: { signUp: false, askToChange: false },
})
export const okta = connectionSettings({ id: 'okta', domains: ['claimed.test'] })
export const tenants = [
  tenantOf([passwordConnection, okta]),
  tenantOf([shut], { id: 'shut' }),
  tenantOf([passwordConnection], { id: 'other' }),
]
export const open = () => openBroker({ tenants, providers: [testPassword, stubProvider()] })
export const broker = await open()

export const place = { tenant: 'acme', connection: 'password' }
export const newEmail = () => `${randomUUID().slice(0, 8)}@example.test`
export const outcomeOf = (finished: Finished) =>
  finished.outcome === 'refused' ? finished.error.code : finished.outcome

let sources = 0
export const linkRequest = (email: string, changes = {}) => ({
  ...place,
  email,
  returnTo: '/account',
  source: `192.0.2.${sources++}`,
  ...changes,
})

/** Asks for a link, has it emailed, and takes the code out of the email that came. */
export async function mailedCode(purpose: LinkPurpose, email: string, on = broker): Promise<string> {
  const mailIt = await requestLink(on.parts, purpose, linkRequest(email))
  await mailIt()
  return (
    new URL(on.mails.findLast(({ to }) => to === email)?.link ?? 'https://none.test').searchParams.get('code') ?? ''
  )
}

export const finish = (purpose: LinkPurpose, code: string, chosen: string, on = broker) =>
  finishLink(on.parts, purpose, place, { code, password: chosen, device: 'Firefox on Linux' })

export async function signUp(email: string, on = broker) {
  const finished = await finish('sign-up', await mailedCode('sign-up', email, on), good, on)
  if (finished.outcome !== 'signed in') throw notSignedIn(finished)
  return finished
}

export function signIn(email: string, typed: string, on: Broker = broker) {
  const attempt = { email, source: `198.51.100.${sources++}`, knownBrowser: undefined }
  const parameters = new URLSearchParams({ email, password: typed })
  return signInWithCredentials(on.parts, loginRequest(place), { parameters, attempt, device: 'Firefox on Linux' })
}

export const mailsTo = (email: string) => broker.mails.filter(({ to }) => to === email).map(({ kind }) => kind)
