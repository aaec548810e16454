/** Every email with sample content, for `gatehouse mail preview` and tests. */
import type { Mail } from '../../broker/ports/durable.ts'
import type { SecurityEvent } from '../../broker/ports/security-events.ts'
import { mails } from './mailer.ts'

export interface SampleSender {
  readonly tenantName: string
  readonly color?: string | undefined
  readonly publicUrl: URL
}

/** Sample emails by name, such as `sign-up` or `new-device`. */
export function sampleMails({ tenantName, color, publicUrl }: SampleSender): Readonly<Record<string, Mail>> {
  const page = (path: string) => new URL(path, publicUrl).href
  const envelope = { to: 'ada@example.test', tenantName, ...(color !== undefined && { color }) }
  const [code, minutes] = ['b3Xr-sample-code', 60]
  const requested = { device: 'Firefox on Windows', ...occurrence }
  const account = { ...envelope, link: page('/account') }
  const developer = { ...envelope, link: page('/account/developer') }
  const token = { ...developer, tokenName: 'Nightly build', createdAt: at(-400), expiresAt: at(30) }
  const noChange = { suspended: [], suspendedTokens: [], secretRevoked: false }
  const links = { accountLink: account.link, developerLink: developer.link }
  const forgot = { ...envelope, link: page('/forgot') }
  const notices = Object.entries(eventsOf(page)).map(([name, event]) => {
    const link = page(event.kind === 'new device' ? '/account/sessions' : '/account/security')
    return [name, mails.securityNotice({ ...envelope, link, event })] as const
  })
  return {
    'sign-up': mails.signUp({ ...envelope, link: page('/verify?code=sample'), minutes, requested }),
    'sign-up-by-app': mails.signUp({ ...envelope, link: page('/verify?code=sample'), minutes, code }),
    'verify-email': mails.verifyEmail({ ...envelope, link: page('/account/email/verify'), minutes: 60 }),
    'already-signed-up': mails.alreadySignedUp({ ...envelope, link: page('/login') }),
    'sign-in-code': mails.signInCode({
      ...envelope,
      link: page('/sign-in/email?code=sample'),
      code: '482913',
      minutes: 10,
      requested,
    }),
    'sign-in-code-by-app': mails.signInCode({ ...envelope, code: '482913', minutes: 10 }),
    'password-reset': mails.reset({ ...envelope, link: page('/reset?code=sample'), minutes, requested }),
    'password-reset-done': mails.passwordChanged({ ...forgot, ...links, ...noChange }),
    'password-reset-suspended': mails.passwordChanged({
      ...forgot,
      ...links,
      suspended: ['Google', 'Okta'],
      suspendedTokens: ['Nightly build'],
      secretRevoked: true,
    }),
    'method-added': mails.methodAdded({ ...account, method: 'Google' }),
    'method-removed': mails.methodRemoved({ ...account, method: 'Google' }),
    'app-changed': mails.appChanged({
      ...developer,
      appName: 'Shop',
      action: 'app.changed',
      settings: ['redirect_uris', 'scope'],
    }),
    'credential-leaked': mails.credentialLeaked({
      ...developer,
      credential: 'API token (Nightly build)',
      url: 'https://git.example.test/shop/commit/1f3a',
    }),
    'token-created': mails.apiToken({ ...token, event: { kind: 'created' } }),
    'token-rotated': mails.apiToken({ ...token, event: { kind: 'rotated' } }),
    'token-new-network': mails.apiToken({
      ...token,
      event: { kind: 'new network', address: '192.0.2.17', agent: 'curl/8.5' },
    }),
    'token-expires': mails.apiToken({ ...token, event: { kind: 'expires soon' } }),
    'token-old': mails.apiToken({ ...token, event: { kind: 'old' } }),
    'connection-expiry': mails.expiry({
      ...envelope,
      link: page('/admin/connections/acme/okta'),
      connection: 'Okta',
      connectionId: 'okta',
      kind: 'client secret',
      place: 'Applications › Client credentials',
      expiresAt: at(14),
      now: at(0),
    }),
    ...Object.fromEntries(notices),
  }
}

const at = (days: number) => new Date(Date.UTC(2026, 10, 30, 8, 15) + days * 86_400_000)
const occurrence = { at: at(0), address: '192.0.2.17' }

const eventsOf = (page: (path: string) => string): Readonly<Record<string, SecurityEvent>> => {
  const [undoLink, cancelLink] = [page('/account/undo?code=sample'), page('/account/undo?code=sample')]
  return {
    'new-device': { kind: 'new device', device: 'Firefox on Windows', method: 'Google', ...occurrence },
    'passkey-added': { kind: 'authenticator added', method: 'passkey', name: 'iPhone', undoLink },
    'authenticator-added': { kind: 'authenticator added', method: 'authenticator app', name: 'Phone', undoLink },
    'authenticator-removed': { kind: 'authenticator removed', method: 'authenticator app', name: 'Phone', undoLink },
    'passkey-cloned': { kind: 'passkey cloned', name: 'Security key' },
    'recovery-codes-created': { kind: 'recovery codes created', undoLink },
    'recovery-codes-replaced': { kind: 'recovery codes replaced', undoLink },
    'recovery-code-used': { kind: 'recovery code used', left: 9 },
    'password-changed': { kind: 'password changed' },
    'factors-reset': { kind: 'factors reset by admin' },
    'break-glass-used': { kind: 'break-glass used', user: 'grace@example.test', ...occurrence },
    'recovery-requested': { kind: 'recovery requested', effectiveAt: at(3), cancelLink, ...occurrence },
    'recovery-canceled': { kind: 'recovery canceled' },
    'recovery-completed': { kind: 'recovery completed' },
    'deletion-requested': { kind: 'deletion requested', effectiveAt: at(14), cancelLink, ...occurrence },
    'deletion-canceled': { kind: 'deletion canceled' },
    'deletion-done': { kind: 'deletion done' },
  }
}
