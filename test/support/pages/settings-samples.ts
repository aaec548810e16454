/** Developer settings in all states; `retell` replaces text of users and their programs. */
import { revokePage, rotatePage } from '../../../src/web/account/developer-settings/confirm-pages.tsx'
import type { SecretSectionProps } from '../../../src/web/account/developer-settings/secret-section.tsx'
import { type SettingsPageProps, settingsPage } from '../../../src/web/account/developer-settings/settings-page.tsx'
import { tokenBadges } from '../../../src/web/account/developer-settings/token-badges.ts'
import { expiryChoices, tokenForm } from '../../../src/web/account/developer-settings/token-form.tsx'
import type { PageToken } from '../../../src/web/account/developer-settings/token-list.tsx'
import { scopeChoices } from '../../../src/web/account/developer-settings/token-scopes.ts'
import { now } from './samples.ts'

const day = 86_400_000
const year = 365
const daysFromNow = (days: number) => new Date(now.getTime() + days * day)
const tokenText = `gth_a_${'7'.repeat(49)}`
const secretText = `gth_d_${'a'.repeat(49)}`

function tokenOf(number: number, changes: Partial<PageToken>): PageToken {
  const token = {
    id: `token-${number}`,
    name: 'Nightly build',
    scopes: undefined,
    ranges: [],
    createdAt: daysFromNow(-10),
    expiresAt: daysFromNow(10 * year - 10),
    endsAt: undefined,
    replacedBy: undefined,
    suspendedAt: undefined,
    lastUse: { at: daysFromNow(-0.002), address: '203.0.113.7', agent: 'curl on Linux' },
    ...changes,
  }
  return { ...token, badges: tokenBadges(token, year * 86_400, now) }
}

export function settingsPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const viewer = { tenant: { name: retell('Acme Robotics') }, name: retell('Ada Lovelace'), isAdministrator: true }
  const asked = { viewer, portalHref: '/developer' }
  const lastUse = { at: daysFromNow(-120), address: '2001:db8:85a3::8a2e:370:7334', agent: retell('Firefox on Linux') }
  const tokens = [
    tokenOf(1, { name: retell('Nightly build') }),
    tokenOf(2, { name: retell('Old nightly build'), replacedBy: 'token-1', endsAt: daysFromNow(6) }),
    tokenOf(3, { name: retell('Laptop'), scopes: ['profile:read', 'apps:read', 'apps:write', 'gone:read'] }),
    tokenOf(4, { name: retell('Backup'), lastUse: undefined, ranges: ['192.0.2.0/24', '2001:db8::/32'] }),
    tokenOf(5, { name: retell('Old server'), createdAt: daysFromNow(-400), expiresAt: daysFromNow(20), lastUse }),
    tokenOf(6, { name: retell('Unknown'), suspendedAt: daysFromNow(-1), scopes: ['sessions:read'] }),
  ]
  const form = {
    values: tokenForm.parse({ expires: 'max' }),
    faults: [],
    expiries: expiryChoices(10 * year * 86_400, now),
    scopes: scopeChoices(['developer', 'member']).map(({ value, label }) => ({ value, label: retell(label) })),
  }
  const secret = { id: 's1', createdAt: daysFromNow(-3), expiresAt: undefined, lastUsedAt: now, text: secretText }
  const previous = { ...secret, id: 's2', expiresAt: daysFromNow(4), lastUsedAt: undefined }
  const shown: SettingsPageProps['secret'] = { secrets: [secret, previous], mayChange: true }
  const hidden = ({ text: _, ...rest }: typeof secret): SecretSectionProps['secrets'][number] => rest
  const settings: SettingsPageProps = { ...asked, tokens, pageNumber: 1, form, secret: shown, now }
  const faults = ['name', 'scopes', 'ranges'].map((field) => ({ field, message: retell(`${field} is wrong`) }))
  const values = tokenForm.parse({ name: retell('x'), expires: '30', scopes: ['apps:read'], ranges: retell('here') })
  const many = Array.from({ length: 200 }, (_, number) => tokenOf(number, { name: retell(`Server ${number}`) }))
  const object = `the token “${retell('Nightly build')}”`
  return {
    settings: settingsPage({ ...settings, newToken: { name: retell('Nightly build'), text: tokenText } }),
    'settings-empty': settingsPage({ ...settings, tokens: [], secret: undefined }),
    'settings-no-secret': settingsPage({ ...settings, tokens: [], secret: { secrets: [], mayChange: true } }),
    'settings-stale': settingsPage({
      ...settings,
      form: { ...form, signInAgainHref: '/login', values: tokenForm.parse({ expires: '90' }) },
      secret: { secrets: [hidden(secret)], show: { href: '/login', needsSignIn: true }, mayChange: false },
      notice: 'The token was revoked.',
    }),
    'settings-many': settingsPage({ ...settings, tokens: many, pageNumber: 2 }),
    'settings-refused': settingsPage({ ...settings, form: { ...form, values, faults } }),
    'settings-rotate': rotatePage({ ...asked, action: '/account/developer/tokens/t/rotate', object, kind: 'token' }),
    'settings-rotate-stale': rotatePage({
      ...{ ...asked, action: '/account/developer/secrets/s/rotate', kind: 'secret' },
      ...{ object: 'your client secret', signInAgainHref: '/login' },
    }),
    'settings-revoke': revokePage({ ...asked, action: '/account/developer/tokens/t/revoke', object }),
    'settings-revoke-all': revokePage({
      ...asked,
      action: '/account/developer/tokens/revoke',
      object: 'all 6 API tokens',
      used: 'any of them',
    }),
  }
}
