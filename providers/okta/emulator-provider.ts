/** node-oidc-provider with Okta's paths, scopes and thin ID token; it asks for no consent. */
import { randomUUID } from 'node:crypto'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import type { Claims } from '../oidc/emulator/faults.ts'
import { privateJwk, type SigningKey } from '../oidc/emulator/keys.ts'
import { messagePage } from '../oidc/emulator/pages.ts'
import type { OktaClient } from './emulator-client.ts'
import { memoryAdapters } from './emulator-store.ts'

export interface OpenIdProviderOptions {
  readonly issuer: string
  /** The org's own authorization server: other paths, and groups only with their scope. */
  readonly isOrg: boolean
  readonly clients: readonly OktaClient[]
  readonly people: readonly Claims[]
  readonly key: SigningKey
}

const profileClaims = ['name', 'given_name', 'family_name', 'picture', 'locale', 'zoneinfo', 'preferred_username']

export function openIdProvider({ issuer, isOrg, clients, people, key }: OpenIdProviderOptions): Provider {
  const prefix = isOrg ? '/oauth2/v1' : '/v1'
  return new Provider(issuer, {
    adapter: memoryAdapters(),
    clients: clients.map(({ clientId, clientSecret, redirectUris }) => ({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [...redirectUris],
      token_endpoint_auth_method: 'client_secret_post',
    })),
    jwks: { keys: [privateJwk(key)] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    // custom servers have the admin's groups claim; the org's needs the scope
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: isOrg ? profileClaims : [...profileClaims, 'groups'],
      groups: ['groups'],
    },
    responseTypes: ['code'],
    pkce: { required: () => false },
    // a later login in another tab replaces the session; earlier codes must stay valid
    expiresWithSession: () => false,
    cookies: {
      keys: [randomUUID()],
      names: { session: 'okta_session', interaction: 'okta_interaction', resume: 'okta_resume' },
    },
    routes: {
      authorization: `${prefix}/authorize`,
      token: `${prefix}/token`,
      userinfo: `${prefix}/userinfo`,
      jwks: `${prefix}/keys`,
      end_session: `${prefix}/logout`,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
    },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, Interaction: 600, Session: 600, Grant: 3600 },
    interactions: { url: (_, { uid }) => `/signin/${uid}` },
    loadExistingGrant: grantAllScopes,
    findAccount: (_, sub) => {
      const person = people.find((known) => known['sub'] === sub)
      return person && { accountId: sub, claims: () => ({ ...person, sub }) }
    },
    renderError: (context, { error, error_description: description }) => {
      context.type = 'html'
      context.body = messagePage(error, description ?? 'The request could not be answered.')
    },
  })
}

async function grantAllScopes({ oidc }: KoaContextWithOIDC) {
  const { client, session } = oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid profile email groups')
  await grant.save()
  return grant
}
