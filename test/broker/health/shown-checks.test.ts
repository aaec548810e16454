/**
 * The warning of a connection that speaks for no domain: in `gatehouse check` and among its checks.
 */
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { settingChecks } from '../../../src/broker/health/shown-checks.ts'
import { gatehouse, load, loadedOf, okta } from '../../support/gatehouse/config-folder.ts'

const shared = `connections:\n  okta:\n    issuer: https://acme.okta.com\n    clientId: "1"\n    clientSecret: \${ACME_OKTA_CLIENT_SECRET}\n`

/** The notes of the file, and the warnings among the checks. */
async function warningsOf(acme: string, deployment = gatehouse) {
  const files = { 'gatehouse.yaml': deployment, 'tenants/acme.yaml': acme }
  const { loaded, notes } = await load(files)
  const [settings] = loadedOf(loaded).tenants[0]?.connections ?? []
  const provider = providers.find(({ kind }) => kind === settings?.kind)
  if (settings === undefined || provider === undefined) throw new Error('no connection')
  const checks = settingChecks({ settings, provider })
  expect(checks.every(({ fixer }) => fixer === 'operator')).toBe(true) // only files have domains
  return { notes, checks: checks.map(({ detail }) => detail) }
}

describe('K7 a connection without domains', () => {
  it('is warned of, with what to write', async () => {
    const { notes, checks } = await warningsOf(okta())
    expect(notes).toEqual([expect.stringContaining(checks[0] ?? '-')])
    expect(checks).toEqual([expect.stringContaining('list theirs in domains; to keep this, write domains: []')])
  })

  it('is not warned of once the file says domains: []', async () => {
    expect(await warningsOf(`${okta()}    domains: []\n`)).toEqual({ notes: [], checks: [] })
  })

  it('that is shared is not told to write domains where they are not possible', async () => {
    const acme = 'tenant: acme\nname: Acme\nconnections:\n  okta: shared\n'
    const { notes, checks } = await warningsOf(acme, gatehouse + shared)
    expect(notes).toEqual([expect.stringContaining(checks[0] ?? '-')])
    expect(checks).toEqual([expect.stringContaining('in the tenant file in place of shared, with domains')])
    expect(checks.join()).not.toContain('domains: []')
  })
})
