/** Pages in rare states say what is the case, and offer what is possible. */
import { expect, it } from 'vitest'
import { accountPages } from '../support/pages/account-samples.ts'
import { configurationPages } from '../support/pages/configuration-samples.ts'
import { connectionPages } from '../support/pages/connection-samples.ts'
import { factorPages } from '../support/pages/factor-samples.ts'
import { samplePages } from '../support/pages/samples.ts'
import { stepUpPages } from '../support/pages/step-up-samples.ts'

const pages = {
  ...samplePages(),
  ...accountPages(),
  ...configurationPages(),
  ...connectionPages(),
  ...factorPages(),
  ...stepUpPages(),
}

it.each<[string, string, string]>([
  ['step-up-sign-in', 'Sign in again, then repeat what you did.', 'Then we continue'],
  ['second-factor-passkey-needed', 'needs a passkey</h1>', 'protects your account'],
  ['configuration-unreadable', 'and cannot be read', 'Below is the file'],
  ['factors-devices-none', 'No browser is remembered.', 'in these browsers'],
  ['connection-unused', 'Register at your identity provider', 'the administrator of SAML'],
  ['connections-empty', 'No connections yet', '>Filter<'],
  ['linking-declinable', 'Create a separate account', 'I have no other account'],
  ['access-refused', '<li>users with the role', ', or '],
])('%s says “%s”, not “%s”', (name, text, other) => {
  const html = pages[name]
  expect(html).toContain(text)
  expect(html).not.toContain(other)
})
