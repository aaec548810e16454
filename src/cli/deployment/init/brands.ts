/** Templates of `gatehouse init` for each kind of connection. */

/** A key of the connection whose value comes from a variable in `.env`. */
export interface FilledKey {
  readonly key: string
  readonly comment: string
  /** Its value at the emulator. Default: none; the operator fills it in. */
  readonly emulated?: string
}

export interface BrandTemplate {
  readonly about: string
  readonly filled: readonly FilledKey[]
  /** Written as they are. */
  readonly lines?: readonly string[]
  /** With `--emulators` only: how to reach the emulator. */
  readonly emulator?: readonly string[]
  /** The email domain of the emulator's users, for which the upstream speaks. */
  readonly emulatedDomain?: string
}

const emulatedId = 'gatehouse-demo'
const emulatedSecret = 'emulated'

const clientId = (comment: string): FilledKey => ({ key: 'clientId', comment, emulated: emulatedId })
const clientSecret = (comment: string): FilledKey => ({ key: 'clientSecret', comment, emulated: emulatedSecret })
const issuer = (comment: string, emulated?: string): FilledKey => ({
  key: 'issuer',
  comment,
  ...(emulated !== undefined && { emulated }),
})

const endpoints = (base: string, paths: Readonly<Record<string, string>>) => [
  '# Only for the emulator: delete these lines to use the provider itself.',
  'endpoints:',
  ...Object.entries(paths).map(([name, path]) => `  ${name}: ${base}${path}`),
]

const saml: BrandTemplate = {
  about: 'A SAML identity provider.',
  filled: [
    {
      key: 'metadataUrl',
      comment: 'URL of the metadata of the identity provider.',
      emulated: 'http://127.0.0.1:4015/metadata',
    },
  ],
  lines: [
    '# true: you vouch that the identity provider sends verified email addresses only. Default false.',
    '# emailsVerified: true',
  ],
  emulatedDomain: 'epam.example',
}

export const brandTemplates: Readonly<Record<string, BrandTemplate>> = {
  okta: {
    about: 'Okta.',
    filled: [
      issuer(
        'Your Okta domain, such as https://acme.okta.com; or a custom server, such as https://acme.okta.com/oauth2/default.',
        'http://localhost:4010/oauth2/default',
      ),
      clientId('From Applications > your app > General.'),
      clientSecret('From the same page, under Client Credentials.'),
    ],
    emulatedDomain: 'okta.example',
  },
  entra: {
    about: 'Microsoft Entra ID.',
    filled: [
      issuer(
        'https://login.microsoftonline.com/<id of your directory>/v2.0',
        'http://localhost:4016/organizations/v2.0',
      ),
      clientId('Application (client) ID, from App registrations > your app > Overview.'),
      clientSecret('The value, not the ID, from Certificates & secrets.'),
    ],
    emulatedDomain: 'entra.example',
  },
  google: {
    about: 'Google.',
    filled: [
      clientId('From Google Auth Platform > Clients; it ends in .apps.googleusercontent.com.'),
      clientSecret('From the same page.'),
    ],
    lines: [
      '# Only users of this Google Workspace may sign in. Default: any Google account.',
      '# hostedDomain: acme.com',
    ],
    emulator: endpoints('http://localhost:4012', {
      authorization: '/o/oauth2/v2/auth',
      token: '/token',
      userinfo: '/v1/userinfo',
      jwks: '/oauth2/v3/certs',
      issuer: '',
    }),
  },
  linkedin: {
    about: 'LinkedIn.',
    filled: [clientId('From My apps > your app > Auth.'), clientSecret('Primary Client Secret, from the same page.')],
    emulator: endpoints('http://localhost:4013', {
      authorization: '/oauth/v2/authorization',
      token: '/oauth/v2/accessToken',
      userinfo: '/v2/userinfo',
      jwks: '/oauth/openid/jwks',
      issuer: '',
    }),
  },
  apple: {
    about: 'Apple.',
    filled: [
      { key: 'clientId', comment: 'Identifier of the Services ID, such as com.acme.signin.' },
      { key: 'teamId', comment: 'Team ID of your Apple developer account: ten letters and digits.' },
      { key: 'keyId', comment: 'Key ID of the private key: ten letters and digits.' },
    ],
    lines: [
      '# The .p8 file of that key. Put it there, readable only by Gatehouse.',
      'privateKey: file:{tenant}/apple.p8',
    ],
  },
  github: {
    about: 'GitHub.',
    filled: [
      clientId('From Settings > Developer settings > OAuth Apps > your app.'),
      clientSecret('From the same page: Generate a new client secret.'),
    ],
    emulator: [
      '# Only for the emulator: delete these lines to use GitHub itself.',
      'baseUrl: http://localhost:4017',
      'apiUrl: http://localhost:4017/api/v3',
    ],
  },
  gitlab: {
    about: 'GitLab.',
    filled: [
      clientId('Application ID, from Applications > your application.'),
      clientSecret('Secret, from the same page.'),
    ],
    lines: ['# The address of your own GitLab. Default: https://gitlab.com.', '# issuer: https://gitlab.acme.com'],
    emulator: ['# Only for the emulator: delete these lines to use GitLab itself.', 'issuer: http://localhost:4018'],
  },
  epam: { ...saml, about: 'EPAM SSO (SAML).' },
  saml,
  oidc: {
    about: 'An OpenID provider.',
    filled: [
      issuer('Issuer of the provider, exactly as it spells it; its discovery document is below it.'),
      { key: 'clientId', comment: 'Client ID that the provider gave to Gatehouse.' },
      { key: 'clientSecret', comment: 'Client secret that belongs to it.' },
    ],
  },
  password: {
    about: 'Email and password, which Gatehouse keeps.',
    filled: [],
    lines: ['# false: users cannot sign up; add them with `gatehouse users add`. Default true.', 'signUp: true'],
  },
  email: {
    about: 'Users get a code and a link by email, which sign them in.',
    filled: [],
    lines: ['# false: only addresses of existing users get a code. Default true.', 'createUsers: true'],
  },
}
