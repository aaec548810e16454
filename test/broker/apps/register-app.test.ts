import { describe, expect, it } from 'vitest'
import { changeApp, registerApp, removeApp } from '../../../src/broker/apps/register-app.ts'
import { codeOf, connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleSession } from '../../support/store/samples.ts'

const draft = {
  name: 'Notes',
  kind: 'web',
  logoUri: undefined,
  backchannelLogoutUri: undefined,
  redirectUris: ['https://notes.test/callback'],
  postLogoutRedirectUris: [],
  scopes: ['openid'],
} as const

describe('removing an app', () => {
  const tenants = [tenantOf([connectionSettings({ id: 'okta' })])]
  const developer = sampleSession({ tenant: 'acme' })

  async function appWithConsent() {
    const { parts } = await openBroker({ tenants })
    const { id } = await registerApp(parts, developer, draft)
    const agreed = { tenant: 'acme', userId: 'ann', appId: id, scopes: ['openid'], grantedAt: parts.now() }
    await parts.consents.give(agreed)
    return { parts, id, agreed }
  }

  it.each(['consents', 'apps'] as const)('succeeds on retry after the %s failed', async (which) => {
    const { parts, id } = await appWithConsent()
    const fail = () => Promise.reject(new Error('no store'))
    const failing = {
      ...parts,
      ...(which === 'consents' && { consents: { ...parts.consents, forgetApp: fail } }),
      ...(which === 'apps' && { apps: { ...parts.apps, remove: fail } }),
    }
    await expect(removeApp(failing, developer, id)).rejects.toThrow('no store')
    await removeApp(parts, developer, id)
    expect(await parts.apps.find(id)).toBeNull()
    expect(await parts.consents.ofUser('acme', 'ann')).toEqual([])
    expect(await codeOf(removeApp(parts, developer, id))).toBe('app_unknown')
  })

  it('deletes a consent that is granted at the same time', async () => {
    const { parts, id, agreed } = await appWithConsent()
    const apps = {
      ...parts.apps,
      remove: async (which: string) => {
        await parts.consents.give(agreed)
        return parts.apps.remove(which)
      },
    }
    await removeApp({ ...parts, apps }, developer, id)
    expect(await parts.consents.ofUser('acme', 'ann')).toEqual([])
  })
})

describe('A16: a misleading app name', () => {
  const tenants = [
    tenantOf([connectionSettings({ id: 'okta' })]),
    tenantOf([connectionSettings({ id: 'okta' })], { id: 'beta', name: 'Beta Industries' }),
  ]
  const developer = sampleSession({ tenant: 'acme' })

  it.each(['Beta Industries', 'beta', 'Веtа Induѕtriеѕ', 'Acme Login', 'Google', 'Example ꓢhop', 'Gatehouse'])(
    'A16: %s is rejected at registration and at a change',
    async (name) => {
      const { parts } = await openBroker({ tenants })
      expect(await codeOf(registerApp(parts, developer, { ...draft, name }))).toBe('app_invalid')
      const { id } = await registerApp(parts, developer, draft)
      const renamed = changeApp(parts, developer, id, () => ({ ...draft, name }))
      expect(await codeOf(renamed)).toBe('app_invalid')
    },
  )

  it('A16: the name of an API and our own host are rejected', async () => {
    const { parts } = await openBroker({ tenants })
    const api = {
      id: 'https://a.test/',
      name: 'Orders',
      scopes: {},
      accessTokens: 'opaque',
      accessTokenSeconds: 60,
    } as const
    for (const name of ['0rders', 'The Orders App', parts.publicUrl.hostname])
      expect(await codeOf(registerApp({ ...parts, apis: [api] }, developer, { ...draft, name }))).toBe('app_invalid')
  })
})
