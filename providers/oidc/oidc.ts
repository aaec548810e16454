/**
 * The OpenID Connect engine: authorization code flow with PKCE, state and nonce on openid-client. A brand is the list of its
 * differences (`Quirks`). Discovery and keys are fetched when first needed and kept; `open` asks nobody anything.
 */
import { hash } from 'node:crypto'
import * as client from 'openid-client'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Challenge,
  type Connection,
  defineProvider,
  type Login,
  type LoginStart,
  type LogoutName,
  type Memo,
  type Presented,
  type Provider,
  type Recorder,
  type Site,
} from '../../src/provider.ts'
import { judgeLogoutToken } from './backchannel.ts'
import { type Callback, readCallback, requireIssuer } from './callback.ts'
import {
  attributesOf,
  checkFailed,
  evidenceOf,
  isSubject,
  judgeClaims,
  profileOf,
  readCaptured,
  verificationOf,
  wordOf,
} from './claims.ts'
import { configOf, type OidcConfig, type Quirks } from './config.ts'
import type { IssuerMetadata } from './discovery.ts'
import { requireEvidence } from './evidence.ts'
import { exchange } from './exchange.ts'
import { probe } from './health.ts'
import { logout, logoutMemo } from './logout.ts'
import { completion, type LoginProof, redeem, type Tokens } from './tokens.ts'
import { openUpstream, type Upstream } from './upstream.ts'

const longestHint = 254

export function oidcProvider(quirks: Quirks): Provider {
  return defineProvider<OidcConfig>({
    kind: quirks.kind,
    brand: quirks.brand,
    config: configOf(quirks),
    read: (captured, config) => readCaptured(captured, config.groupsClaim),
    open: (config, site) => {
      const upstream = openUpstream(config, site)
      return {
        issuers: [config.issuer],
        initiatingIssuer: config.issuer,
        begin: (start) => begin(upstream, quirks, start),
        complete: (answer) => complete(upstream, answer),
        ...(!config.tellsSignInTime && { provesReauthentication: false as const }),
        health: (signal) => probe(upstream, signal),
        ...(config.endUpstreamSession && { logout: (memo: Memo, returnTo: URL) => logout(upstream, memo, returnTo) }),
        ...(config.audiences.length > 0 && { exchange: (presented: Presented) => exchange(upstream, presented) }),
        ...(config.receiveLogouts && receiverOf(upstream, quirks)),
      } satisfies Connection
    },
  })
}

/** How the upstream ends sessions of ours. */
function receiverOf(upstream: Upstream, { revocations }: Quirks): Pick<Connection, 'endableBy' | 'judgeLogout'> {
  const judgeRevocation = revocations?.open(upstream)
  return {
    endableBy: [...new Set<LogoutName>(['sid', 'subject', ...(revocations?.names ?? [])])],
    judgeLogout: async (notice) => {
      if (notice.way === 'backchannel-logout') return judgeLogoutToken(upstream, notice)
      if (judgeRevocation !== undefined && notice.way === revocations?.way) return judgeRevocation(notice)
      throw new GatehouseError('not_found', `this kind of connection knows no ${notice.way}`)
    },
  }
}

const memoForm = z.object({
  connection: z.string(),
  nonce: z.string().min(1),
  codeVerifier: z.string().min(1),
  begunAt: z.number(),
  reauthenticate: z.boolean(),
})

async function begin(
  { config, site, metadata, client: clientAround }: Upstream,
  quirks: Quirks,
  start: LoginStart,
): Promise<Challenge> {
  const known = await start.record.step('discovery', () => metadata.get())
  const nonce = site.random(32)
  const codeVerifier = site.random(32)
  const { loginHint, reauthenticate = false } = start
  const url = client.buildAuthorizationUrl(clientAround(known), {
    ...quirks.authorizationParameters,
    redirect_uri: site.callbackUrl.href,
    scope: config.scopes.join(' '),
    state: start.state,
    nonce,
    code_challenge: hash('sha256', codeVerifier, 'base64url'), // S256: RFC 7636 4.2
    code_challenge_method: 'S256',
    ...(loginHint !== undefined && loginHint.length <= longestHint && { login_hint: loginHint }),
    ...(config.prompt && { prompt: config.prompt }),
    ...(config.requiredAcr.length > 0 && { acr_values: config.requiredAcr.join(' ') }),
    ...(reauthenticate && { prompt: 'login', max_age: '0' }),
  })
  const memo = { connection: placeOf(site), nonce, codeVerifier, begunAt: site.now().getTime(), reauthenticate }
  return { step: 'redirect', url, memo: memo satisfies z.infer<typeof memoForm> }
}

async function complete(upstream: Upstream, { parameters, state, memo, record }: Answer): Promise<Login> {
  const { config, site, metadata } = upstream
  const login = readMemo(memo, site)
  const callback = readCallback(parameters, state, config.issuer, record)
  const known = await record.step('discovery', () => metadata.get())
  if (known.authorization_response_iss_parameter_supported) requireIssuer(callback, config.issuer)
  const configuration = upstream.client(known)
  const answer = addressOf(callback, state, site)
  const tokens = await record.step('token exchange', () => redeem(configuration, answer, state, login))
  judgeToken(upstream, tokens, login, record)
  await judgeSignature(upstream, tokens, known, record)
  requireEvidence(tokens.claims, config, record)
  const userinfo = await completion(configuration, known, tokens, record)
  const profile = profileOf(tokens.claims, userinfo, config.groupsClaim)
  const attributes = attributesOf(tokens.claims, userinfo)
  const said = { profile, attributes, ...verificationOf(tokens.claims, userinfo) }
  return {
    identity: { issuer: config.issuer, subject: tokens.subject, ...said },
    evidence: evidenceOf(tokens.claims),
    ...(isSubject(tokens.claims['sid']) && { sid: tokens.claims['sid'] }),
    ...(config.endUpstreamSession && { memo: logoutMemo(tokens.idToken) }),
  }
}

/** The callback as openid-client wants it: our registered address (never the Host header's), and only what was judged before. */
function addressOf({ code, issuer }: Callback, state: string, site: Site): URL {
  const address = new URL(site.callbackUrl)
  address.search = new URLSearchParams({ code, state, ...(issuer !== undefined && { iss: issuer }) }).toString()
  return address
}

function judgeToken({ config, site }: Upstream, { claims }: Tokens, login: Expectations, record: Recorder): void {
  const { issuer, clientId, tellsSignInTime } = config
  const checks = judgeClaims(claims, {
    issuer,
    clientId,
    now: site.now(),
    authenticatedAfter: login.authenticatedAfter,
    tellsSignInTime,
  })
  for (const check of checks) {
    if (!check.ok) throw checkFailed(check)
    record.check(check)
  }
  const nonce = 'the nonce of this login' // openid-client compared it
  record.check({ name: 'nonce', ok: true, expected: nonce, got: nonce })
}

async function judgeSignature(upstream: Upstream, { idToken }: Tokens, known: IssuerMetadata, record: Recorder) {
  const algorithms = known.id_token_signing_alg_values_supported
  const { algorithm, keyId } = await record.step('signature', () => upstream.keys.verify(idToken, algorithms))
  record.check({ name: 'alg', ok: true, expected: algorithms.join(' or '), got: algorithm })
  record.check({
    name: 'signature',
    ok: true,
    expected: 'made by a key the issuer publishes',
    got: `key ${wordOf(keyId)}`,
  })
}

interface Expectations extends LoginProof {
  readonly authenticatedAfter: Date | undefined
}

function readMemo(memo: Memo, site: Site): Expectations {
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
