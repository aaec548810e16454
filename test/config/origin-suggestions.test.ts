/** What is suggested in place of an origin that cannot be used. */
import { expect, it } from 'vitest'
import { wrongOrigin } from '../../src/config/schema/text.ts'

it.each([
  ['http://login.contoso.com', 'https://login.contoso.com'],
  ['https://app.contoso.com/home', 'https://app.contoso.com'],
  ['https://app.contoso.com:8443/?x=1', 'https://app.contoso.com:8443'],
  ['login.contoso.com', 'https://login.contoso.com'],
  ['http://localhost:4000/login', 'http://localhost:4000'],
  ['https://me:secret@app.contoso.com', 'https://app.contoso.com'],
  ['https://*.contoso.com', 'https://app.acme.test'],
  ['x'.repeat(40), 'https://app.acme.test'],
])('%s: %s', (given, suggested) => {
  const sentence = wrongOrigin(given) ?? ''
  expect(sentence.endsWith(`write it as ${suggested}`)).toBe(true)
  expect(sentence).not.toContain('secret')
})
