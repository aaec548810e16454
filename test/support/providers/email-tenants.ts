/** Tenants with sign-in by email, and what their emails hold. */

const apart = `  okta:
    issuer: https://okta.invalid
    clientId: gatehouse
    clientSecret: not-used-here
    domains: [claimed.test]
`

/** `mixed`: besides passwords; `codes`: alone; `closed`: creates no users. */
export const emailTenants = {
  'mixed.yaml': `tenant: mixed\nname: Mixed\nconnections:\n  password: { signUp: true }\n  email: {}\n${apart}`,
  'codes.yaml': 'tenant: codes\nname: Codes\nconnections:\n  email: {}\n',
  'closed.yaml':
    'tenant: closed\nname: Closed\nconnections:\n  email: { createUsers: false }\n  password: { signUp: false }\n',
  'sso.yaml': `tenant: sso\nname: SSO\nconnections:\n  email: {}\n${apart.replace('claimed.test', 'enforced.test')}ssoOnly: { domains: [enforced.test] }\n`,
}

export const codeIn = (text: string) => /^\d{6}$/m.exec(text)?.[0] ?? 'no code'
export const linkIn = (text: string) => new URL(/https?:\S+/.exec(text)?.[0] ?? 'no link')
export const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
