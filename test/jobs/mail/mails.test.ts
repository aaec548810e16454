import { describe, expect, it } from 'vitest'
import type { Mail } from '../../../src/broker/ports/durable.ts'
import type { SecurityEvent } from '../../../src/broker/ports/security-events.ts'
import { createMailer, mails } from '../../../src/jobs/mail/mailer.ts'

const link = 'https://gatehouse.test/t/acme/password/verify?code=abc&next=%22x'
const values = {
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
  ['token rotated', (message) => mails.apiToken({ ...message, event: { kind: 'rotated' } })],
  [
    'token used elsewhere',
    (message) => mails.apiToken({ ...message, event: { kind: 'new network', address: '192.0.2.1', agent } }),
  ],
  ['token expires', (message) => mails.apiToken({ ...message, event: { kind: 'expires soon' } })],
  ['token old', (message) => mails.apiToken({ ...message, event: { kind: 'old' } })],
] as readonly (readonly [string, (message: typeof values) => Mail])[])('the %s email', (_, compose) => {
  it('has the tenant in the subject and the link in text and HTML', () => {
    const mail = compose(values)
    expect(mail.to).toBe('ada@acme.test')
    expect(mail.subject).toContain('Acme')
    expect(mail.text).toContain(`\n${link}\n`)
    expect(mail.html).toContain(link.replaceAll('&', '&amp;'))
  })

  it('escapes a tenant name in the HTML', () => {
    const { html } = compose({ ...values, tenantName: '<img src=x onerror="alert(1)"> & Söhne' })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;> &amp; Söhne')
  })

  it('RE-04 removes line breaks and invisible characters of a name from the subject', () => {
    const { subject } = compose({ ...values, tenantName: 'Acme\r\nBcc: eve@evil.test\u202e' })
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
    expect(() => compose({ ...values, to })).toThrow('canonical form')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', '/reset', ''])('refuses the link %j', (address) => {
    expect(() => compose({ ...values, link: address })).toThrow('web addresses only')
  })
})

it('shows how long a link works', () => {
  expect(mails.signUp(values).text).toContain('within one hour')
  expect(mails.reset({ ...values, minutes: 15 }).text).toContain('within 15 minutes')
  expect(mails.reset({ ...values, minutes: 120 }).text).toContain('within 2 hours')
})

it('RE-03 names in the email about a new password what was suspended and revoked', () => {
  const { text } = mails.passwordChanged({
    ...values,
    suspended: ['Okta'],
    suspendedTokens: ['Build', 'Deploys\u202e\r\n'],
    secretRevoked: true,
  })
  expect(text).toMatch(/so they are suspended\. .*\n\n- Okta\n/)
  expect(text).toMatch(/API tokens were created .* suspended\. .*\n\n- Build\n- Deploys\n/)
  expect(text).toContain('Your client secret was created')
  expect(mails.passwordChanged(values).text).not.toMatch(/suspended|client secret/)
})

it('asks the user to keep the email that completes a recovery', () => {
  const event = { kind: 'recovery requested', at: new Date(0), effectiveAt: new Date(0) } as const
  const completeLink = 'https://gatehouse.test/account/recovery?code=abc'
  const textOf = (event: SecurityEvent) => mails.securityNotice({ ...values, event }).text
  expect(textOf({ ...event, completeLink })).toContain('keep this email')
  expect(textOf({ ...event, completeLink })).not.toContain("you don't need to do anything")
  expect(textOf(event)).toContain("you don't need to do anything")
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
  const mailer = createMailer({ outbox, now: () => new Date(), wake: () => void wakes++ })
  await mailer.signUp(values)
  await mailer.alreadySignedUp(values)
  await mailer.reset(values)
  await mailer.passwordChanged(values)
  expect(added).toEqual([
    mails.signUp(values),
    mails.alreadySignedUp(values),
    mails.reset(values),
    mails.passwordChanged(values),
  ])
  expect(wakes).toBe(4)
})
