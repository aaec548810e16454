import { describe, expect, it } from 'vitest'
import { connectionsForDomain } from '../../src/tenant.ts'
import { connectionSettings, tenantOf } from '../support/gatehouse/broker.ts'

const okta = connectionSettings({ id: 'okta', domains: ['acme.test', 'acme.example'] })
const saml = connectionSettings({ id: 'saml', domains: ['acme.test'] })
const google = connectionSettings({ id: 'google' })
const tenant = tenantOf([google, okta, saml])

describe('the connections of an email domain', () => {
  it.each([
    ['acme.test', ['okta', 'saml']],
    ['acme.example', ['okta']],
    ['sub.acme.test', []],
    ['evilacme.test', []],
    ['acme.test.evil.test', []],
    ['ACME.test', []],
    ['', []],
    ['__proto__', []],
  ])('ID-02 for %j are %j, in the order of the file', (domain, ids) => {
    expect(connectionsForDomain(tenant, domain).map(({ id }) => id)).toEqual(ids)
  })
})
