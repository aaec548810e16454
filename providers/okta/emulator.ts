/**
 * An emulated Okta: its paths, ID tokens without profile claims, userinfo by scope, and no `iss`
 * in authorization responses.
 */
import { randomUUID } from 'node:crypto'
import { type Call, formOf, redirect, sendJson } from '../emulator/http.ts'
import { type Claims, escaped } from '../emulator/pages.ts'
import type { BrandEmulatorOptions, EmulatedBrand, SignIn } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'
import { discoveryFaultNames, refreshFaultNames } from '../oidc/emulator/faults.ts'
import type { TokenSigner } from '../oidc/emulator/signer.ts'
import { type LogoutMessages, logoutMessages, type OktaClient } from './emulator-logout.ts'

export interface OktaEmulatorOptions extends BrandEmulatorOptions<OktaClient> {
  /** Custom authorization server; '' for the org's own. Default '/oauth2/default'. */
  readonly path?: string
  /** Send `iss` in authorization responses (RFC 9207). Okta does not. Default false. */
  readonly issParameter?: boolean
}

export interface OktaEmulator extends BrandEmulator, LogoutMessages {
  /** An ID token as a native app receives it; `changes` replace its claims. */
  idTokenFor(clientId: string, subject: string, nonce: string, changes?: Claims): string
  /** The `sid` values it issued, newest first. */
  readonly sids: readonly string[]
}

/** Users have standard claims and `groups`. */
export async function startOktaEmulator(options: OktaEmulatorOptions): Promise<OktaEmulator> {
  const sids: string[] = []
  const emulator = await startBrandEmulator((url, signer) => oktaBrand(url, signer, sids, options), options)
  const { issuer, people, sign } = emulator
  return {
    ...emulator,
    ...logoutMessages(emulator, options.clients, emulator),
    sids,
    idTokenFor(clientId, subject, nonce, changes = {}) {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: clientId, exp: now + 3600, auth_time: now, amr: ['pwd'], nonce }
      return sign({ ...people.find(({ sub }) => sub === subject), ...claims, sub: subject, ...changes })
    },
  }
}

function oktaBrand(
  url: string,
  signer: TokenSigner,
  sids: string[],
  { path = '/oauth2/default', clients, issParameter = false }: OktaEmulatorOptions,
): EmulatedBrand<OktaClient> {
  const isOrg = path === ''
  const issuer = url + path
  const version = isOrg ? '/oauth2/v1' : '/v1'
  const messages = logoutMessages({ issuer, url }, clients, signer)

  async function signOut({ request, response, log }: Call): Promise<void> {
    const subject = (await formOf(request)).get('sub') ?? ''
    const statuses = await messages.signOut(subject).catch(() => [])
    log.unshift(`signed out everywhere: ${statuses.join(', ') || 'no app was notified'}`)
    redirect(response, '/', 303)
  }

  return {
    name: 'Okta',
    issuerPath: path,
    paths: {
      discovery: '/.well-known/openid-configuration',
      authorize: `${version}/authorize`,
      token: `${version}/token`,
      userinfo: `${version}/userinfo`,
      keys: `${version}/keys`,
      logout: `${version}/logout`,
    },
    faults: [...discoveryFaultNames, ...refreshFaultNames],
    issParameter,
    errors: { canceled: notAssigned, denied: notAssigned },
    tokenFields: ({ authorizationRequest }) => ({ scope: authorizationRequest.get('scope') }),
    idTokenClaims({ person, faults }) {
      sids.unshift(randomUUID())
      const own = { ver: 1, idp: '00o-emulated', amr: ['pwd'], auth_time: Math.floor(Date.now() / 1000), sid: sids[0] }
      return { ...(faults.has('fullIdToken') && person), ...own, sub: person['sub'] }
    },
    userinfoClaims: (signIn) => claimsInScope(signIn, isOrg),
    routes: { '/sign-out': signOut, ...(!isOrg && orgRoutes(url, signer)) },
    page: () => ({
      about: `<p>Issuer <code>${escaped(issuer)}</code></p>${dashboard(issuer, clients)}`,
      ...(clients.some((client) => client.backchannelLogoutUri ?? client.globalTokenRevocationUri) && {
        personActions: signOutButton,
      }),
    }),
  }
}

const notAssigned = {
  error: 'access_denied',
  error_description: 'User is not assigned to the client application.',
}

const profileClaims = ['name', 'given_name', 'family_name', 'picture', 'locale', 'zoneinfo', 'preferred_username']

/** Custom servers have the admin's groups claim; the org's needs the scope. */
function claimsInScope({ person, authorizationRequest }: SignIn<OktaClient>, isOrg: boolean): Claims {
  const claimsByScope: Readonly<Record<string, readonly string[]>> = {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: isOrg ? profileClaims : [...profileClaims, 'groups'],
    groups: ['groups'],
  }
  const scopes = authorizationRequest.get('scope')?.split(' ') ?? []
  const names = scopes.flatMap((scope) => claimsByScope[scope] ?? [])
  return Object.fromEntries(Object.entries(person).filter(([name]) => names.includes(name)))
}

/** The org's own metadata and keys, with which it signs revocations. */
function orgRoutes(url: string, signer: TokenSigner) {
  const metadata = {
    issuer: url,
    authorization_endpoint: `${url}/oauth2/v1/authorize`,
    token_endpoint: `${url}/oauth2/v1/token`,
    jwks_uri: `${url}/oauth2/v1/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  }
  return {
    '/.well-known/openid-configuration': ({ response }: Call) => sendJson(response, metadata),
    '/oauth2/v1/keys': ({ response }: Call) => sendJson(response, signer.jwks()),
  }
}

/** Links that start a login at an app. */
function dashboard(issuer: string, clients: readonly OktaClient[]): string {
  const targets = clients.flatMap(({ initiateLoginUri: target }) => target ?? [])
  const tiles = targets.map((target) => {
    const link = escaped(`${target}?iss=${encodeURIComponent(issuer)}`)
    return `<li><a href="${link}">Open ${escaped(new URL(target).host)} from the dashboard</a></li>`
  })
  return tiles.length === 0 ? '' : `<h2>Dashboard</h2><ul>${tiles.join('')}</ul>`
}

function signOutButton({ sub }: Claims): string {
  return `<form method="post" action="/sign-out"><button name="sub" value="${escaped(String(sub))}">Sign out everywhere</button></form>`
}
