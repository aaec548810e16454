import { describe, expect, it } from 'vitest'
import type { Mail } from '../../../src/broker/ports/durable.ts'
import { createMailer, mails } from '../../../src/jobs/mail/mailer.ts'

const link = 'https://gatehouse.test/t/acme/password/verify?code=abc&next=%22x'
const letter = {
  to: 'ada@acme.test',
  tenantName: 'Acme',
  link,
  minutes: 60,
  method: 'Okta',
  suspended: [],
  accountLink: 'https://gatehouse.test/account',
  suspendedTokens: [],
  secretRevoked: false,
  developerLink: 'https://gatehouse.test/account/developer',
  tokenName: 'Build',
  createdAt: new Date(0),
  expiresAt: new Date(86_400_000),
  event: { kind: 'created' as const },
}

const agent = '<b>curl</b>'

describe.each([
  ['sign-up', mails.signUp],
  ['already signed up', mails.alreadySignedUp],
  ['reset', mails.reset],
  ['password changed', mails.passwordChanged],
  ['method added', mails.methodAdded],
  ['method removed', mails.methodRemoved],
  ['token created', mails.apiToken],
  ['token rotated', (values) => mails.apiToken({ ...values, event: { kind: 'rotated' } })],
  [
    'token used elsewhere',
    (values) => mails.apiToken({ ...values, event: { kind: 'new network', address: '192.0.2.1', agent } }),
  ],
  ['token expires', (values) => mails.apiToken({ ...values, event: { kind: 'expires soon' } })],
  ['token old', (values) => mails.apiToken({ ...values, event: { kind: 'old' } })],
] as readonly (readonly [string, (values: typeof letter) => Mail])[])('the %s email', (_, compose) => {
  it('names the tenant and carries the link, in text and HTML', () => {
    const mail = compose(letter)
    expect(mail.to).toBe('ada@acme.test')
    expect(mail.subject).toContain('Acme')
    expect(mail.text).toContain(`\n${link}\n`)
    expect(mail.html).toContain(link.replaceAll('&', '&amp;'))
  })

  it('escapes a tenant name in the HTML', () => {
    const { html } = compose({ ...letter, tenantName: '<img src=x onerror="alert(1)"> & Söhne' })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;> &amp; Söhne')
  })

  it('RE-04 removes line breaks and invisible characters of a name from the subject', () => {
    const { subject } = compose({ ...letter, tenantName: 'Acme\r\nBcc: eve@evil.test\u202e' })
    expect(subject).not.toMatch(/[\r\n\u202e]/)
  })

  it.each([
    'ada@acme.test\r\nBcc: eve@evil.test',
    'ada@acme.test, eve@evil.test',
    'Ada@acme.test',
    '"ada"@acme.test',
    'Ada <ada@acme.test>',
    '',
  ])('RE-04 refuses the recipient %j', (to) => {
    expect(() => compose({ ...letter, to })).toThrow('canonical form')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', '/reset', ''])('refuses the link %j', (address) => {
    expect(() => compose({ ...letter, link: address })).toThrow('web addresses only')
  })
})

it('shows how long a link works', () => {
  expect(mails.signUp(letter).text).toContain('within one hour')
  expect(mails.reset({ ...letter, minutes: 15 }).text).toContain('within 15 minutes')
  expect(mails.reset({ ...letter, minutes: 120 }).text).toContain('within 2 hours')
})

it('RE-03 names in the email about a new password what was suspended and revoked', () => {
  const { text } = mails.passwordChanged({
    ...letter,
    suspended: ['Okta'],
    suspendedTokens: ['Build', 'Deploys\u202e\r\n'],
    secretRevoked: true,
  })
  expect(text).toMatch(/so they are suspended\. .*\n\n- Okta\n/)
  expect(text).toMatch(/API tokens were created .* suspended\. .*\n\n- Build\n- Deploys\n/)
  expect(text).toContain('Your client secret was created')
  expect(mails.passwordChanged(letter).text).not.toMatch(/suspended|client secret/)
})

it('queues each email of the core and wakes the email worker', async () => {
  const added: Mail[] = []
  let wakes = 0
  const outbox = {
    add: async (mails: readonly Mail[]) => void added.push(...mails),
    claim: async () => [],
    sent: async () => {},
    retry: async () => {},
  }
  const letters = createMailer({ outbox, now: () => new Date(), wake: () => void wakes++ })
  await letters.signUp(letter)
  await letters.alreadySignedUp(letter)
  await letters.reset(letter)
  await letters.passwordChanged(letter)
  expect(added).toEqual([
    mails.signUp(letter),
    mails.alreadySignedUp(letter),
    mails.reset(letter),
    mails.passwordChanged(letter),
  ])
  expect(wakes).toBe(4)
})
