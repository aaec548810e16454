/**
 * The engine for brands with a Passport strategy of the passport-oauth2 family: Google, LinkedIn, Apple, and any other that a plugin
 * brings. The strategy knows the brand's addresses and how it tells of a person; state, nonce, PKCE, requests, the ID token and
 * errors are Gatehouse's.
 */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Attributes,
  type Challenge,
  type Connection,
  defineProvider,
  type Login,
  type LoginStart,
  type Memo,
  type PresentedIdToken,
  type Provider,
  type ProviderProfile,
  type Site,
} from '../../src/provider.ts'
import { attributesOf, type Claims, evidenceOf, profileOf } from '../oidc/claims/claims.ts'
import { readCallback } from '../oidc/login/callback.ts'
import { verifyPresentedToken } from './audiences.ts'
import { probe } from './health.ts'
import { authorizationAddress, redeemCode } from './oauth2-family.ts'
import { fetchPerson, idTokenOf, type LoginProof } from './proof.ts'
import type { Notifications, OAuth2Config, OAuth2Quirks, UpstreamClaims } from './quirks.ts'
import { openUpstream, type Upstream } from './upstream.ts'

export function oauth2Provider<C extends OAuth2Config>(quirks: OAuth2Quirks<C>): Provider {
  return defineProvider<C>({
    kind: quirks.kind,
    brand: quirks.brand,
    keepsMailboxes: quirks.mailboxesOf !== undefined,
    config: quirks.config,
    read: (captured) => profileFrom(quirks, capturedClaims(captured)),
    open: (config, site) => {
      const upstream = openUpstream(quirks, config, site)
      const audiences = quirks.idToken?.audiences?.(config) ?? []
      const { issuer } = upstream.endpoints
      return {
        issuers: [issuer, ...(quirks.idToken?.otherIssuers?.(issuer) ?? [])],
        begin: (start) => begin(upstream, start),
        complete: (answer) => complete(upstream, answer),
        health: (signal) => probe(upstream, signal),
        ...(!provesReauthentication(upstream) && { provesReauthentication: false as const }),
        ...(audiences.length > 0 && {
          exchange: (presented: PresentedIdToken) => exchange(upstream, audiences, presented),
        }),
        ...(quirks.notifications?.wanted(config) && receiverOf(upstream, quirks.notifications)),
      } satisfies Connection
    },
  })
}

function provesReauthentication<C extends OAuth2Config>({ quirks, config }: Upstream<C>): boolean {
  return quirks.reauthentication !== undefined && quirks.idToken?.tellsSignInTime?.(config) === true
}

const longestHint = 254

async function begin<C extends OAuth2Config>(upstream: Upstream<C>, start: LoginStart): Promise<Challenge> {
  const { quirks, config, site, hardening } = upstream
  const { state, loginHint = '' } = start
  const reauthenticate = start.reauthenticate === true && quirks.reauthentication !== undefined
  const nonce = quirks.idToken?.nonce ? site.random(32) : undefined
  const hint = loginHint !== '' && loginHint.length <= longestHint ? loginHint : undefined
  const parameters = {
    ...quirks.parameters?.(config, hint),
    ...(reauthenticate && quirks.reauthentication),
    nonce,
  }
  const session: Record<string, unknown> = {}
  const url = await authorizationAddress(await upstream.strategy(), hardening, state, parameters, session)
  const memo = { connection: placeOf(site), begunAt: site.now().getTime(), reauthenticate, ...session }
  return { step: 'redirect', url, memo: { ...memo, ...(nonce !== undefined && { nonce }) } }
}

async function complete<C extends OAuth2Config>(upstream: Upstream<C>, answer: Answer): Promise<Login> {
  const { quirks, endpoints, hardening } = upstream
  const { parameters, state, record } = answer
  const login = readMemo(answer.memo, upstream.site)
  const { code } = readCallback(parameters, state, endpoints.issuer, record, quirks.denials)
  const strategy = await upstream.strategy()
  const session = login.codeVerifier === undefined ? {} : { codeVerifier: login.codeVerifier }
  const tokens = await record.step('token exchange', () => redeemCode(strategy, hardening, code, state, session))
  const idToken = await idTokenOf(upstream, tokens.id_token, login, record)
  const { subject, userinfo } = await fetchPerson(upstream, tokens.access_token, idToken, record)
  const asserted = profileFrom(quirks, {
    idToken: idToken ?? {},
    userinfo,
    brought: quirks.brought?.(parameters) ?? {},
  })
  return {
    identity: { issuer: endpoints.issuer, subject, ...asserted },
    evidence: evidenceOf(idToken ?? {}, upstream.site.now()),
  }
}

async function exchange<C extends OAuth2Config>(
  upstream: Upstream<C>,
  audiences: readonly string[],
  presented: PresentedIdToken,
): Promise<Login> {
  const claims = await verifyPresentedToken(upstream, audiences, presented)
  const asserted = profileFrom(upstream.quirks, { idToken: claims, userinfo: undefined, brought: {} })
  const { issuer } = upstream.endpoints
  return {
    identity: { issuer, subject: String(claims['sub']), ...asserted },
    evidence: evidenceOf(claims, upstream.site.now()),
  }
}

function receiverOf<C extends OAuth2Config>(
  upstream: Upstream<C>,
  { endableBy, validate }: Notifications<C>,
): Pick<Connection, 'endableBy' | 'validateLogoutMessage'> {
  return {
    endableBy,
    validateLogoutMessage: async (notice) => {
      if (notice.endpoint === 'notifications') return validate(upstream, notice)
      throw new GatehouseError('not_found', `this kind of connection knows no ${notice.endpoint}`)
    },
  }
}

function profileFrom<C extends OAuth2Config>(quirks: OAuth2Quirks<C>, said: UpstreamClaims): ProviderProfile {
  const { idToken, userinfo, brought } = said
  const profile = quirks.profile?.(said) ?? profileOf(idToken, userinfo)
  return {
    profile,
    attributes: { ...attributesOf(brought, undefined), ...attributesOf(idToken, userinfo) },
    ...(quirks.mailboxesOf !== undefined && { mailboxesOf: quirks.mailboxesOf(idToken) }),
  }
}

/** A captured answer: `{"id_token": {…}, "userinfo": {…}, …}` with what the browser brought beside them, or the claims alone. */
function capturedClaims(captured: Attributes): UpstreamClaims {
  const { id_token: idToken, userinfo, ...brought } = captured
  if (!isClaims(idToken) && !isClaims(userinfo)) return { idToken: captured, userinfo: undefined, brought: {} }
  return {
    idToken: isClaims(idToken) ? idToken : {},
    userinfo: isClaims(userinfo) ? userinfo : undefined,
    brought,
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const memoForm = z.object({
  connection: z.string(),
  nonce: z.string().min(1).optional(),
  codeVerifier: z.string().min(1).optional(),
  begunAt: z.number(),
  reauthenticate: z.boolean(),
})

function readMemo(memo: Memo, site: Site): LoginProof {
  const parsed = memoForm.safeParse(memo)
  if (!parsed.success)
    throw new GatehouseError('callback_malformed', 'this login was not begun by this kind of connection')
  const { connection, nonce, codeVerifier, begunAt, reauthenticate } = parsed.data
  if (connection !== placeOf(site))
    throw new GatehouseError('callback_malformed', `this login was begun by ${connection}, not by ${placeOf(site)}`)
  return { nonce, codeVerifier, authenticatedAfter: reauthenticate ? new Date(begunAt) : undefined }
}

function placeOf(site: Site): string {
  return `${site.tenant}/${site.connection}`
}
