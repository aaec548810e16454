/** Userinfo and emails. */
import { expect } from 'vitest'
import { invalid, minimalClaims, type Row, refused, row, signedIn, userinfo, withMembers, without } from './row.ts'

const byUserinfo = (email = /.*/): Row['expected'] => ({ profile: { email: expect.stringMatching(email) } })

const userinfos: readonly Row[] = [
  row(
    'B3',
    'sends userinfo as a signed JWT',
    'Keycloak (K3), BankID, eSignet',
    { claims: minimalClaims, userinfoJwt: {} },
    byUserinfo(),
  ),
  row(
    'B3',
    'sends it without iss and aud',
    'FranceConnect-like',
    { claims: minimalClaims, userinfoJwt: { members: { iss: undefined, aud: undefined } } },
    byUserinfo(),
  ),
  row(
    'B3',
    'sends it with a list of audiences',
    'IdentityServer',
    { claims: minimalClaims, userinfoJwt: { members: { aud: ['other', 'client-1'] } } },
    byUserinfo(),
  ),
  row(
    'B3',
    'sends it for another client',
    'an attack',
    { claims: minimalClaims, userinfoJwt: { members: { aud: 'other' } } },
    invalid(/aud of userinfo/),
  ),
  row(
    'B3',
    'sends it from another issuer',
    'an attack',
    { claims: minimalClaims, userinfoJwt: { members: { iss: 'https://other.example' } } },
    invalid(/iss of userinfo/),
  ),
  row(
    'B3',
    'sends it signed by another key',
    'an attack',
    { claims: minimalClaims, userinfoJwt: { by: 'another key' } },
    invalid(/signature/),
  ),
  row(
    'B3',
    'sends it after its end',
    'a cached answer',
    { claims: minimalClaims, userinfoJwt: { members: { exp: 1 } } },
    invalid(/exp of userinfo/),
  ),
  row(
    'B3',
    'sends it with alg none',
    'an attack',
    { claims: minimalClaims, userinfoJwt: { text: `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` } },
    invalid(/alg of userinfo/),
  ),
  row(
    'B3',
    'sends it encrypted',
    'itsme, eSignet',
    { claims: minimalClaims, userinfoJwt: { text: 'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d' } },
    invalid(/userinfo_encrypted_response_alg/),
  ),
  row(
    'B2',
    'calls userinfo text/json',
    'old ASP.NET servers',
    {
      raw: { userinfo: { type: 'text/json', body: '{"sub":"user-ROW","email":"text-json@corp.example"}' } },
      claims: minimalClaims,
    },
    { profile: { email: 'text-json@corp.example' } },
  ),
  row(
    'B2',
    'sends userinfo in ISO-8859-1',
    'old Java servers',
    {
      raw: {
        userinfo: {
          type: 'application/json;charset=ISO-8859-1',
          body: '{"sub":"user-ROW","email":"latin@corp.example","name":"Zoë Müller"}',
          encoding: 'latin1',
        },
      },
      claims: minimalClaims,
    },
    { profile: { name: 'Zoë Müller' } },
  ),
  row(
    'B2',
    'calls userinfo ISO-8859-1, and sends UTF-8',
    'old Java servers',
    {
      raw: {
        userinfo: {
          type: 'application/json;charset=ISO-8859-1',
          body: '{"sub":"user-ROW","email":"utf8@corp.example","name":"Zoë Müller"}',
        },
      },
      claims: minimalClaims,
    },
    { profile: { name: 'Zoë Müller' } },
  ),
  row(
    'B2',
    'begins userinfo with a byte order mark',
    'old ASP.NET servers',
    {
      raw: { userinfo: { body: '\ufeff{"sub":"user-ROW","email":"bom@corp.example"}' } },
      claims: minimalClaims,
    },
    { profile: { email: 'bom@corp.example' } },
  ),
  row(
    'B2',
    'sends null and empty members in userinfo',
    'authentik, Salesforce',
    {
      userinfo: withMembers({ email: null, name: '', address: { nonsense: [] }, phone_number: null, groups: null }),
    },
    { profile: { name: 'Ada' } },
  ),
  row('B2', 'sends email as a list of one', 'Shibboleth', userinfo({ email: ['list@corp.example'] }), {
    profile: { email: 'list@corp.example' },
  }),
  row('B2', 'sends sub alone in userinfo', 'ADFS', { userinfo: ({ sub }) => ({ sub }) }, { profile: { name: 'Ada' } }),
  row(
    'B2',
    'sends one group as a text',
    'ADFS, IdentityServer; Dex, Harbor, Rancher reports',
    userinfo({ groups: 'admins' }),
    { profile: { groups: ['admins'] } },
  ),
  ...[
    ['a JSON list in a text', '["admins","users"]'],
    ['a map by number', { 1: 'admins', 4: 'users' }],
    ['a map whose keys are the names', { admins: { 17: 'corp.example' }, users: { 17: 'corp.example' } }],
  ].map(([form, groups]) =>
    row('B2', `sends groups as ${form}`, 'Cognito, PHP servers, Zitadel', userinfo({ groups }), {
      profile: { groups: ['admins', 'users'] },
    }),
  ),
  ...[
    ['numbers', [12, 34], ['12', '34']],
    ['a list in a list', [['admins'], ['users']], ['admins', 'users']],
  ].map(([form, groups, expected]) =>
    row('B2', `sends groups as ${form}`, 'Drupal, PHP servers', userinfo({ groups }), {
      profile: { groups: expected },
    }),
  ),
  row(
    'B2',
    'sends groups as objects, of which the connection names a member',
    'SCIM, Zoho; GitLab API',
    userinfo({
      groups: [
        { id: 1, name: 'admins' },
        { id: 2, name: 'users' },
      ],
    }),
    { profile: { groups: ['admins', 'users'] } },
    { groupsClaim: 'groups.*.name' },
  ),
  row(
    'B2',
    'sends every attribute as a list of one',
    'LDAP bridges, Shibboleth',
    userinfo({
      name: ['Ada L.'],
      given_name: ['Ada'],
      picture: ['https://pics.example/a.png'],
      phone_number: ['+15550100'],
    }),
    {
      profile: { name: 'Ada L.', given_name: 'Ada', picture: 'https://pics.example/a.png', phone_number: '+15550100' },
    },
  ),
  row(
    'B2',
    'sends userinfo in ISO-8859-1 and does not say so',
    'old Java servers',
    {
      raw: {
        userinfo: { body: '{"sub":"user-ROW","email":"unnamed@corp.example","name":"Zoë"}', encoding: 'latin1' },
      },
      claims: minimalClaims,
    },
    { profile: { name: 'Zoë' } },
  ),
  row(
    'B2',
    'sends roles inside another claim',
    'Keycloak realm_access',
    userinfo({ realm_access: { roles: ['admins'] } }),
    { profile: { groups: ['admins'] } },
    { groupsClaim: 'realm_access.roles' },
  ),
  row('D2', 'fails at userinfo, and the ID token holds an email', 'Entra behind a firewall', {
    raw: { userinfo: { status: 500, body: 'no' } },
  }),
  row(
    'D2',
    'fails at userinfo, which the connection requires',
    'the same',
    { raw: { userinfo: { status: 500, body: 'no' } } },
    { refused: 'upstream_unreachable', says: /userinfo endpoint answered with status 500/ },
    { userinfo: 'required' },
  ),
  row('D2', 'is never asked for userinfo', 'ADFS', { raw: { userinfo: { status: 500, body: 'no' } } }, signedIn, {
    userinfo: 'never',
  }),
  row(
    'B4',
    'fails at userinfo, and no mapped claim holds an email',
    'a thin ID token',
    { claims: minimalClaims, raw: { userinfo: { status: 403, body: '{"error":"insufficient_scope"}' } } },
    refused(/insufficient_scope/),
  ),
]

const emails: readonly Row[] = [
  row(
    'B4',
    'sends addresses in emails',
    'Azure AD B2C',
    {
      discovery: without('userinfo_endpoint'),
      claims: (own) => ({ ...minimalClaims(own), emails: ['b2c@corp.example'] }),
    },
    { profile: { email: 'b2c@corp.example' } },
    { profile: { email: 'emails.0' } },
  ),
  row(
    'B4',
    'sends addresses in emails, mapped with brackets',
    'Azure AD B2C',
    {
      discovery: without('userinfo_endpoint'),
      claims: (own) => ({ ...minimalClaims(own), emails: ['b2c2@corp.example', 'x@y.example'] }),
    },
    { profile: { email: 'b2c2@corp.example' } },
    { profile: { email: ['email', 'emails[0]'] } },
  ),
  row(
    'B4',
    'sends the address as upn',
    'ADFS',
    { claims: (own) => ({ ...minimalClaims(own), upn: 'upn@corp.example' }), userinfo: ({ sub }) => ({ sub }) },
    { profile: { email: 'upn@corp.example' } },
    { profile: { email: ['email', 'upn'] } },
  ),
  row(
    'B4',
    'sends the address as preferred_username',
    'Entra ID',
    {
      claims: (own) => ({ ...minimalClaims(own), preferred_username: 'name@corp.example' }),
      discovery: without('userinfo_endpoint'),
    },
    { profile: { email: 'name@corp.example' } },
    { profile: { email: 'preferred_username' } },
  ),
  row(
    'B4',
    'sends the address under a name of its own',
    'Auth0',
    {
      claims: (own) => ({ ...minimalClaims(own), 'https://corp.example/email': 'own@corp.example' }),
      raw: { userinfo: { status: 500, body: '' } },
    },
    { profile: { email: 'own@corp.example' } },
    { profile: { email: 'https://corp.example/email' } },
  ),
  row(
    'B4',
    'sends no address at all, and has no userinfo',
    'a thin ID token',
    { claims: minimalClaims, discovery: without('userinfo_endpoint') },
    invalid(/holds no email, and the issuer has no userinfo endpoint/),
  ),
]

export const userinfoRows: readonly Row[] = [...userinfos, ...emails]
