/**
 * The engine for brands with a passport-oauth2 strategy. The strategy supplies endpoints and user
 * profile; state, nonce, PKCE, requests, ID tokens and errors are ours.
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
  type LogoutSupport,
  type PresentedIdToken,
  type Provider,
  type ProviderProfile,
} from '../../src/provider/provider.ts'
import { attributesOf, evidenceOf, profileOf } from '../oidc/claims/claims.ts'
import { isJsonObject } from '../oidc/endpoint/optional.ts'
import { readCallback } from '../oidc/login/callback.ts'
import { newMemo, readMemo } from '../oidc/login/memo.ts'
import { published } from '../oidc/published.ts'
import { verifyPresentedToken } from './audiences.ts'
import { probe } from './health.ts'
import { authorizationAddress, redeemCode } from './oauth2-family.ts'
import { fetchPerson, idTokenOf, type LoginProof } from './proof.ts'
import type { Notifications, OAuth2Config, OAuth2Traits, Upstream, UpstreamClaims } from './traits.ts'
import { openUpstream } from './upstream.ts'

export function oauth2StrategyProvider<C extends OAuth2Config>(traits: OAuth2Traits<C>): Provider {
  return defineProvider<C>({
    kind: traits.kind,
    brand: traits.brand,
    provesEmails: traits.authoritativeDomains !== undefined,
    config: traits.config,
    setup: (config) => traits.setup?.(config),
    read: (captured) => profileFrom(traits, capturedClaims(captured)),
    open: (config, context) => {
      const upstream = openUpstream(traits, config, context)
      const audiences = traits.idToken?.audiences?.(config) ?? []
      const { issuer } = upstream.endpoints
      return {
        begin: (start) => begin(upstream, start),
        complete: (answer) => complete(upstream, answer),
        health: (signal) => probe(upstream, signal),
        published: () => published(undefined, upstream.keys),
        ...(audiences.length > 0 && {
          exchange: (presented: PresentedIdToken) => exchange(upstream, audiences, presented),
        }),
        ...(traits.notifications?.wanted(config) && { logout: logoutReceiver(upstream, traits.notifications) }),
        traits: {
          issuers: [issuer, ...(traits.idToken?.otherIssuers?.(issuer) ?? [])],
          providesAuthTime: providesAuthTime(upstream),
        },
      } satisfies Connection
    },
  })
}

function providesAuthTime<C extends OAuth2Config>({ traits, config }: Upstream<C>): boolean {
  return traits.reauthentication !== undefined && traits.idToken?.providesAuthTime?.(config) === true
}

const maxHintLength = 254

const secretsForm = z.object({
  nonce: z.string().min(1).optional(),
  codeVerifier: z.string().min(1).optional(),
})

async function begin<C extends OAuth2Config>(upstream: Upstream<C>, start: LoginStart): Promise<Challenge> {
  const { traits, config, context, overrides } = upstream
  const { state, loginHint = '' } = start
  const reauthenticate = start.reauthenticate === true && traits.reauthentication !== undefined
  const nonce = traits.idToken?.nonce ? context.random(32) : undefined
  const hint = loginHint !== '' && loginHint.length <= maxHintLength ? loginHint : undefined
  const parameters = {
    ...traits.parameters?.(config, hint),
    ...(reauthenticate && traits.reauthentication),
    nonce,
  }
  const session: Record<string, unknown> = {}
  const url = await authorizationAddress(await upstream.strategy(), overrides, state, parameters, session)
  const secrets = { ...session, ...(nonce !== undefined && { nonce }) }
  return { step: 'redirect', url, memo: newMemo(context, reauthenticate, secrets) }
}

async function complete<C extends OAuth2Config>(upstream: Upstream<C>, answer: Answer): Promise<Login> {
  const { traits, endpoints, overrides } = upstream
  const { parameters, state, record } = answer
  const login: LoginProof = readMemo(secretsForm, answer.memo, upstream.context)
  const { code } = readCallback(parameters, state, endpoints.issuer, record, traits.denials)
  const strategy = await upstream.strategy()
  const session = login.codeVerifier === undefined ? {} : { codeVerifier: login.codeVerifier }
  const tokens = await record.step('token exchange', () => redeemCode(strategy, overrides, code, state, session))
  const idToken = await idTokenOf(upstream, tokens.id_token, login, record)
  const { subject, userinfo } = await fetchPerson(upstream, tokens.access_token, idToken, record)
  const asserted = profileFrom(traits, {
    idToken: idToken ?? {},
    userinfo,
    brought: traits.brought?.(parameters) ?? {},
  })
  return {
    identity: { issuer: endpoints.issuer, subject, ...asserted },
    evidence: evidenceOf(idToken ?? {}, upstream.context.now()),
  }
}

async function exchange<C extends OAuth2Config>(
  upstream: Upstream<C>,
  audiences: readonly string[],
  presented: PresentedIdToken,
): Promise<Login> {
  const claims = await verifyPresentedToken(upstream, audiences, presented)
  const asserted = profileFrom(upstream.traits, { idToken: claims, userinfo: undefined, brought: {} })
  const { issuer } = upstream.endpoints
  return {
    identity: { issuer, subject: String(claims['sub']), ...asserted },
    evidence: evidenceOf(claims, upstream.context.now()),
  }
}

function logoutReceiver<C extends OAuth2Config>(
  upstream: Upstream<C>,
  { identifiers, validate }: Notifications<C>,
): LogoutSupport {
  return {
    identifiers,
    receive: async (notice) => {
      if (notice.endpoint === 'notifications') return validate(upstream, notice)
      throw new GatehouseError('not_found', `this kind of connection has no endpoint ${notice.endpoint}`)
    },
  }
}

function profileFrom<C extends OAuth2Config>(traits: OAuth2Traits<C>, said: UpstreamClaims): ProviderProfile {
  const { idToken, userinfo, brought } = said
  const profile = traits.profile?.(said) ?? profileOf(idToken, userinfo)
  return {
    profile,
    attributes: { ...attributesOf(brought, undefined), ...attributesOf(idToken, userinfo) },
    ...(traits.authoritativeDomains !== undefined && { authoritativeDomains: traits.authoritativeDomains(idToken) }),
  }
}

/** `{"id_token": {…}, "userinfo": {…}, …}` with callback parameters, or the claims alone. */
function capturedClaims(captured: Attributes): UpstreamClaims {
  const { id_token: idToken, userinfo, ...brought } = captured
  if (!isJsonObject(idToken) && !isJsonObject(userinfo)) return { idToken: captured, userinfo: undefined, brought: {} }
  return {
    idToken: isJsonObject(idToken) ? idToken : {},
    userinfo: isJsonObject(userinfo) ? userinfo : undefined,
    brought,
  }
}
