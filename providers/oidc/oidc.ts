/**
 * The OpenID Connect engine: authorization code flow with PKCE, state and nonce. `ProviderTraits`
 * lists a brand's differences. `open` performs no I/O.
 */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Challenge,
  type Connection,
  defineProvider,
  type Login,
  type LoginStart,
  type LogoutIdentifier,
  type LogoutSupport,
  type Memo,
  type PresentedIdToken,
  type Provider,
  type RecheckContext,
  type Recorder,
} from '../../src/provider/provider.ts'
import { checkBrandRules, identityOf, issuersOfToken, issuerTraits, unknownVerification } from './brand-rules.ts'
import { attributesOf, type Claims, evidenceOf, idTokenIn, profileOf, subjectOf, userinfoIn } from './claims/claims.ts'
import { groupsOmission } from './claims/groups-overage.ts'
import { fetchUserinfoIfNeeded } from './claims/userinfo.ts'
import { configOf, type OidcConfig } from './config.ts'
import { type IssuerMetadata, signatureAlgorithms } from './discovery.ts'
import { probe } from './health.ts'
import { authorizationUrl } from './login/authorization.ts'
import { readCallback, requireIssuer } from './login/callback.ts'
import { newMemo, readMemo } from './login/memo.ts'
import { recheck, recheckMemo } from './login/recheck.ts'
import { logout, logoutMemo, sidOf, validateLogoutToken } from './logout.ts'
import { published } from './published.ts'
import { oidcSetup } from './setup.ts'
import { publicJwk } from './token/client-authentication.ts'
import { exchange } from './token/exchange.ts'
import { requireAuthnContext, validateIdToken } from './token/id-token.ts'
import { algorithmOf } from './token/signed.ts'
import { readTokenAnswer, requestTokens, type TokenAnswer } from './token/token-endpoint.ts'
import type { ProviderTraits } from './traits.ts'
import { openUpstream, type Upstream } from './upstream.ts'

export function oidcProvider(traits: ProviderTraits): Provider {
  return defineProvider<OidcConfig>({
    kind: traits.kind,
    brand: traits.brand,
    config: configOf(traits),
    recheckSeconds: ({ recheck }) => recheck,
    setup: (config) => (traits.setup ?? oidcSetup)(config),
    read: (captured, config) => {
      const [idToken, userinfo] = [idTokenIn(captured), userinfoIn(captured)]
      const claims = traits.standardClaims?.(idToken) ?? idToken
      return {
        profile: profileOf(claims, userinfo, config.groupsClaim),
        attributes: attributesOf(claims, userinfo),
        ...unknownVerification({ config, rules: traits }, claims, userinfo),
        ...groupsOmission({ ...idToken, ...userinfo }, config),
      }
    },
    open: (config, context) => {
      const upstream = openUpstream(config, context, traits)
      const { clientKey } = config
      return {
        begin: (start) => begin(upstream, traits, start),
        complete: (answer) => complete(upstream, answer),
        health: (signal, known) => probe(upstream, traits.authorizationParameters, signal, known),
        published: () => published(upstream.metadata.cached, upstream.keys),
        ...((config.endUpstreamSession || config.receiveLogouts) && {
          logout: {
            ...(config.endUpstreamSession && {
              start: (memo: Memo, returnTo: URL) => logout(upstream, memo, returnTo),
            }),
            ...(config.receiveLogouts && logoutReceiver(upstream, traits)),
          },
        }),
        ...(config.recheck !== undefined && {
          recheck: { recheck: (memo: Memo, context: RecheckContext) => recheck(upstream, memo, context) },
        }),
        ...(config.audiences.length > 0 && {
          exchange: (presented: PresentedIdToken) => exchange(upstream, presented),
        }),
        ...(clientKey !== undefined && {
          metadata: { clientKeys: async () => ({ keys: [await publicJwk(clientKey)] }) },
        }),
        traits: {
          ...issuerTraits(upstream),
          ...(traits.initiatesLogin && { initiatingIssuer: config.issuer }),
          providesAuthTime: config.providesAuthTime,
        },
      } satisfies Connection
    },
  })
}

function logoutReceiver(upstream: Upstream, { revocations }: ProviderTraits): LogoutSupport {
  const validateRevocation = revocations?.open(upstream)
  return {
    identifiers: [...new Set<LogoutIdentifier>(['sid', 'subject', ...(revocations?.names ?? [])])],
    receive: async (notice) => {
      if (notice.endpoint === 'backchannel-logout') return validateLogoutToken(upstream, notice)
      if (validateRevocation !== undefined && notice.endpoint === revocations?.endpoint)
        return validateRevocation(notice)
      throw new GatehouseError('not_found', `this kind of connection has no endpoint ${notice.endpoint}`)
    },
  }
}

const secretsForm = z.object({ nonce: z.string().min(1), codeVerifier: z.string().min(1) })

type Expectations = z.infer<typeof secretsForm> & { readonly authenticatedAfter: Date | undefined }

async function begin(upstream: Upstream, traits: ProviderTraits, start: LoginStart): Promise<Challenge> {
  const { context, metadata } = upstream
  const known = await start.record.step('discovery', () => metadata.get())
  const nonce = context.random(32)
  const codeVerifier = context.random(32)
  const { reauthenticate = false } = start
  const own = traits.authorizationParameters
  const url = await authorizationUrl(upstream, known, own, start, { nonce, codeVerifier })
  const memo = newMemo(context, reauthenticate, { nonce, codeVerifier } satisfies z.infer<typeof secretsForm>)
  return { step: 'redirect', url, memo }
}

async function complete(upstream: Upstream, { parameters, state, memo, record }: Answer): Promise<Login> {
  const { config, context, metadata } = upstream
  const login = readMemo(secretsForm, memo, context)
  const callback = readCallback(parameters, state, config.issuer, record)
  const known = await record.step('discovery', () => metadata.get())
  if (known.authorization_response_iss_parameter_supported) requireIssuer(callback, config.issuer)
  const tokens = await record.step('token exchange', () => redeem(upstream, known, callback.code, login.codeVerifier))
  const { accessToken, idToken = '' } = tokens
  const claims = await validatedClaims(upstream, known, idToken, login, record)
  requireAuthnContext(claims, config, record)
  const subject = subjectOf(claims['sub'], config) ?? ''
  const sid = sidOf(claims)
  const memoOfRecheck = recheckMemo(upstream, claims, tokens, record)
  const { userinfo, failure } = await fetchUserinfoIfNeeded(upstream, known, { accessToken, subject }, record)
  return {
    identity: identityOf(upstream, claims, userinfo, record),
    evidence: evidenceOf(claims, context.now()),
    ...(failure !== undefined && { missingEmail: failure }),
    ...(sid !== undefined && { sid }),
    ...(config.endUpstreamSession && { memo: logoutMemo(idToken) }),
    ...(memoOfRecheck && { recheck: memoOfRecheck }),
  }
}

const noIdToken =
  'the token endpoint gave no ID token: check at the upstream that OpenID Connect and the scope openid are allowed for the client'

async function redeem(upstream: Upstream, known: IssuerMetadata, code: string, verifier: string): Promise<TokenAnswer> {
  // as registered, never from the Host header
  const redirect_uri = upstream.context.callbackUrl.href
  const parameters = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier }
  const tokens = readTokenAnswer(await requestTokens(upstream, known, parameters))
  if (tokens.idToken === undefined) throw new GatehouseError('upstream_invalid', noIdToken)
  return tokens
}

async function validatedClaims(
  upstream: Upstream,
  known: IssuerMetadata,
  idToken: string,
  { nonce, authenticatedAfter }: Expectations,
  record: Recorder,
): Promise<Claims> {
  const { config, context, keys } = upstream
  const { clientId, providesAuthTime, integerSubjects, allowMissingNonce: nonceOptional } = config
  const used = algorithmOf(idToken)
  const algorithms = await algorithmsFor(upstream, known, used, record)
  const issuer = issuersOfToken(upstream, idToken)
  const expected = { issuer, clientId, now: context.now(), authenticatedAfter, providesAuthTime, integerSubjects }
  const claims = await validateIdToken(idToken, { ...expected, algorithms, nonce, nonceOptional }, keys, record)
  checkBrandRules(upstream, claims, record)
  upstream.algorithms.record(used)
  return claims
}

/** Discovery does not list the token's algorithm: it may be outdated, so it is fetched again. */
async function algorithmsFor(
  { config, metadata, keys, algorithms }: Upstream,
  known: IssuerMetadata,
  used: string,
  record: Recorder,
): Promise<readonly string[]> {
  // another login may have fetched it
  const accepted = algorithms.forIdTokens(metadata.cached ?? known)
  const isChange = config.idTokenSignedResponseAlg === undefined && signatureAlgorithms.includes(used)
  if (accepted.includes(used) || !isChange) return accepted
  const restoreAllowance = metadata.renewing === undefined ? keys.allowance.take('unexpected algorithm') : undefined
  if (metadata.renewing === undefined && restoreAllowance === undefined) return accepted
  const renewed = await record.step('discovery again', () => metadata.renew()).catch(() => known)
  if (algorithms.forIdTokens(renewed).includes(used)) restoreAllowance?.()
  return algorithms.forIdTokens(renewed)
}
