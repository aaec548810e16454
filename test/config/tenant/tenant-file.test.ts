import { describe, expect, it } from 'vitest'
import { gatehouse, load, okta, tenant, tenantFaults } from '../../support/gatehouse/config-folder.ts'

const oktaFaults: readonly [what: string, text: string, expected: string][] = [
  [
    'no tenant',
    'name: A\nconnections: { password: {} }',
    '1:1: tenant: is missing; it has to be text: ID of the tenant',
  ],
  ['no name', 'tenant: acme\nconnections: { password: {} }', '1:1: name: is missing; it has to be text'],
  ['no connections', 'tenant: acme\nname: A', '1:1: connections: is missing; it has to be a map of keys'],
  [
    'empty connections',
    'tenant: acme\nname: A\nconnections: {}',
    '3:1: connections: must have at least one connection',
  ],
  [
    'an unknown key',
    `${tenant('acme')}returnOrigin: []`,
    '6:1: returnOrigin: unknown key returnOrigin; did you mean returnOrigins? known: tenant, name,',
  ],
  [
    'an unknown kind',
    tenant('acme', '    kind: passwords\n'),
    '6:5: connections.password.kind: unknown kind passwords; did you mean password? known: okta, ',
  ],
  [
    'a kind that is a number',
    tenant('acme', '    kind: 7\n'),
    '6:5: connections.password.kind: must be text, and without quotes it is a number: put it in quotes',
  ],
  [
    'a connection that is a list',
    'tenant: acme\nname: A\nconnections: { password: [] }',
    '3:16: connections.password: must be a map of keys, or the word shared',
  ],
  [
    'a connection ID in capitals',
    'tenant: acme\nname: A\nconnections: { Okta: { kind: password } }',
    '3:16: connections.Okta: the ID of a connection must be 1 to 32 lower-case letters',
  ],
  [
    'a reserved connection ID',
    'tenant: acme\nname: A\nconnections: { shared: { kind: password } }',
    '3:16: connections.shared: is a reserved word',
  ],
  [
    'an unknown browser',
    `${okta()}    browsers: [safari, safarri]\n`,
    '8:24: connections.okta.browsers[1]: must be one of: chrome, edge, firefox, safari',
  ],
  ['no browser', `${okta()}    browsers: []\n`, '8:5: connections.okta.browsers: must have at least 1 entry'],
  [
    'a browser for passwords',
    tenant('acme', '    browsers: [safari]\n'),
    '6:5: connections.password.browsers: is not for passwords, which have a form and no button; remove it',
  ],
  [
    'hidden passwords',
    tenant('acme', '    hidden: true\n'),
    '6:5: connections.password.hidden: is not for passwords, which have a form and no button; remove it',
  ],
  [
    'a day that is none',
    tenant('acme', '    secretExpires: 2027-02-30\n'),
    '6:5: connections.password.secretExpires: must be a day such as 2027-03-01',
  ],
  ['an empty label', tenant('acme', '    label: ""\n'), '6:5: connections.password.label: must not be empty'],
  [
    'a key of another kind',
    tenant('acme', '    issuer: https://a.okta.com\n'),
    '6:5: connections.password.issuer: unknown key issuer; known: kind, label, domains, button, hidden, browsers, createUsers, linking, secretExpires, mfaEvidence, profile, signUp, minimumLength, askToChange',
  ],
  [
    'a number beyond its limit',
    tenant('acme', '    minimumLength: 4\n'),
    '6:5: connections.password.minimumLength: must be at least 8',
  ],
  [
    'domains that are no list',
    tenant('acme', '    domains: acme.com\n'),
    '6:5: connections.password.domains: must be a list, not text',
  ],
  [
    'a domain with a wildcard',
    tenant('acme', '    domains: ["*.acme.com"]\n'),
    '6:15: connections.password.domains[0]: must be a domain such as acme.com; wildcards are not allowed',
  ],
  [
    'a domain of one label',
    tenant('acme', '    domains: [acme]\n'),
    '6:15: connections.password.domains[0]: must be a domain such as acme.com',
  ],
  [
    'a domain that is a URL',
    tenant('acme', '    domains: [https://acme.com]\n'),
    '6:15: connections.password.domains[0]: must be a domain such as acme.com, without scheme',
  ],
  [
    'a domain with letters of two scripts',
    tenant('acme', '    domains: [xn--cme-5cd.test]\n'),
    '6:15: connections.password.domains[0]: must be a domain such as acme.com, its letters of one script',
  ],
  [
    'a return origin with a path',
    `${tenant('acme')}returnOrigins: [https://a.com/]`,
    '6:17: returnOrigins[0]: must have no path, query or fragment',
  ],
  [
    'a return origin with a wildcard',
    `${tenant('acme')}returnOrigins: ["https://*.a.com"]`,
    '6:17: returnOrigins[0]: must be one origin, wildcards are not allowed',
  ],
  [
    'a return origin with a user name',
    `${tenant('acme')}returnOrigins: [https://a.com@evil.com]`,
    '6:17: returnOrigins[0]: must not hold a user name',
  ],
  [
    'a return origin over http',
    `${tenant('acme')}returnOrigins: [http://a.com]`,
    '6:17: returnOrigins[0]: must be https (http only on localhost)',
  ],
  [
    'a return origin of a script',
    `${tenant('acme')}returnOrigins: ["javascript:alert(1)"]`,
    '6:17: returnOrigins[0]: must be an https origin',
  ],
  [
    'a return origin with a backslash',
    `${tenant('acme')}returnOrigins: ['https://a.com\\@b.com']`,
    '6:17: returnOrigins[0]: must',
  ],
  [
    'an email link over plain HTTP',
    `${tenant('acme')}mailLinks: [http://app.acme.test/finish]`,
    '6:13: mailLinks[0]: must be https (http only on localhost, 127.0.0.1 or [::1])',
  ],
  [
    'an email link with a fragment of its own',
    `${tenant('acme')}mailLinks: ['https://app.acme.test/#/finish']`,
    '6:13: mailLinks[0]: must have no fragment (#)',
  ],
  [
    'idle beyond lifetime',
    `${tenant('acme')}sessions: { lifetime: 1d, idleTimeout: 2d }`,
    '6:27: sessions.idleTimeout: must not be longer than sessions.lifetime',
  ],
  [
    'a session of seconds',
    `${tenant('acme')}sessions: { lifetime: 59s }`,
    '6:13: sessions.lifetime: must be between 1m and 365d',
  ],
  [
    'a cookie with a name of ours',
    `${tenant('acme')}sessions: { tokenCookie: __Host-gatehouse_x }`,
    '6:13: sessions.tokenCookie: must not begin with gatehouse_',
  ],
  [
    'a cookie with a separator in its name',
    `${tenant('acme')}sessions: { tokenCookie: 'a; b' }`,
    '6:13: sessions.tokenCookie: must be a name of 1 to 64 letters',
  ],
  [
    'a support address that runs',
    `${tenant('acme')}supportUrl: "javascript:alert(1)"`,
    '6:1: supportUrl: must be an https:// or mailto: address',
  ],
  [
    'terms at an address that runs',
    `${tenant('acme')}termsUrl: "javascript:alert(1)"`,
    '6:1: termsUrl: must be an https URL',
  ],
  ['an upstream over http', okta('http://acme.okta.com'), '5:5: connections.okta.issuer: must be an https URL'],
  [
    'CF-02 a Norway: no is no boolean',
    tenant('acme', '    button: no\n'),
    '6:5: connections.password.button: must be true or false, not text',
  ],
  [
    'CF-02 a client ID that is a number',
    okta().replace("'1'", '0123'),
    '6:5: connections.okta.clientId: must be text, and without quotes it is a number',
  ],
]

describe('a tenant file', () => {
  it.each(oktaFaults)('rejects %s', async (_what, text, expected) => {
    const faults = await tenantFaults(text)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(`tenants/acme.yaml:${expected}`)
  })

  it('needs no options for a connection with defaults only', async () => {
    expect(await tenantFaults('tenant: acme\nname: A\nconnections:\n  password:\n')).toEqual([])
  })
})

describe('a tenant ID', () => {
  const ids = [
    'admin',
    'api',
    'login',
    't',
    'oauth2',
    'account',
    'static',
    'well-known',
    '-a',
    'a_b',
    'ä',
    'A',
    'a'.repeat(64),
    '../a',
    'a/b',
    '',
    'a.b',
  ]

  it.each(ids)('CF-03 rejects %j', async (id) => {
    const faults = await tenantFaults(tenant('acme').replace('tenant: acme', `tenant: ${JSON.stringify(id)}`))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/^tenants\/acme\.yaml:1:1: tenant: (must be 1 to 63|is a reserved word)/)
  })

  it('CF-03 rejects a file name that differs only in case', async () => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/Acme.yaml': tenant('acme'),
      'tenants/acme.yaml': tenant('acme'),
    })
    expect(faults).toEqual([
      'tenants/Acme.yaml:1:1: tenant: must be Acme, as the file is called, or call the file acme.yaml',
    ])
  })

  it('CF-03 rejects a prototype property as file name or ID', async () => {
    const { faults } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/__proto__.yaml': tenant('__proto__') })
    expect(faults).toEqual([expect.stringMatching(/tenant: must be 1 to 63 lower-case letters/)])
  })

  it('CF-03 loads a thousand tenants', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `tenant-${index}`)
    const files = Object.fromEntries(
      ids.map((id) => [`tenants/${id}.yaml`, tenant(id, `    domains: [${id}.example]\n`)]),
    )
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse, ...files })
    expect(loaded.ok && loaded.tenants.length).toBe(1000)
  })
})
