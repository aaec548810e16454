/**
 * When the user must act before an app gets its response: sign in (again), select an account, or
 * consent. Each check gives a reason; web/consent/consent.ts acts on it. A result is bound to the
 * session in which it was given.
 */
import { decodeJwt } from 'jose'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { type Api, isConfirmedEachTime, mayServe, servesUsersOf } from '../../app/app.ts'
import { type AppAccessPorts, refusedAccess } from '../../broker/access/app-access.ts'
import { requestedLevel } from '../../broker/assurance/requirement.ts'
import type { Ports } from '../../broker/ports/core-ports.ts'
import type { Session } from '../../broker/session/session.ts'
import { secondFactorReason } from '../../http/interaction.ts'
import type { Tenant } from '../../tenant.ts'
import { appOf } from '../storage/clients.ts'
import { missingScopes } from '../storage/grants.ts'
import { requestCache } from '../storage/request-cache.ts'
import { essentialAcrs, hasAcr, isLevelRequired, missingLevel, requestedAcrs } from './assurance.ts'

const { Check, Prompt } = interactionPolicy

export type PromptPorts = AppAccessPorts &
  Ports<'apis'> & {
    readonly tenants: ReadonlyMap<string, Tenant>
  }

export function interactionPrompts(ports: PromptPorts) {
  const prompts = [loginPrompt(ports), accountPrompt(), accessPrompt(ports), consentPrompt()]
  // oidc-provider's check accepts any interaction result; ours check in which session it was given
  for (const { name, checks } of prompts) checks.remove(`${name}_prompt`)
  return prompts
}

function loginPrompt({ apis, tenants }: PromptPorts) {
  return new Prompt(
    { name: 'login', requestable: true },
    // `stale`: an earlier result, of a session that was no new sign-in
    (ctx) => ({ ...sessionNow(), stale: ctx.oidc.result?.['stale'], ...factorDetails(ctx, tenants) }),
    check('no_session', 'no user is signed in', (_ctx, session) => session === undefined),
    untilSignedInAgain('login_prompt', 'the app asked for a new sign-in', ({ oidc }) => oidc.prompts.has('login')),
    untilSignedInAgain('max_age', 'the sign-in is older than the app accepts', ({ oidc }, session) => {
      const maxAge = oidc.params?.['max_age']
      if (typeof maxAge !== 'string') return false
      return session.unprovenSignIn !== undefined || oidc.session?.past(Number(maxAge)) === true
    }),
    refuseIfStillUnmet('tenant', 'the app asked for another tenant', isOtherTenant, () => {
      throw new errors.UnauthorizedClient('the user signed in at a tenant that this app does not serve')
    }),
    refuseIfStillUnmet('api_tenant', 'the API does not serve the tenant of the user', isUserOutsideApis(apis), () => {
      throw new errors.InvalidTarget('the user signed in at a tenant whose users the API does not serve')
    }),
    refuseIfStillUnmet('essential_acr', 'the app requires another acr', isAcrInsufficient(tenants), ({ oidc }) => {
      const wanted = essentialAcrs(oidc).join(' ')
      throw new errors.UnmetAuthenticationRequirements(`acr: expected one of ${wanted}, got ${oidc.acr ?? 'none'}`)
    }),
    // voluntary: requested once, then the app gets the acr achieved (OIDC Core 3.1.2.1, 5.5.1.1)
    untilSignedInAgain('acr', 'the app prefers another acr', ({ oidc }, session) => {
      const requested = requestedAcrs(oidc)
      if (oidc.prompts.has('none') || requested.length === 0 || requestedLevel(requested) !== 'none') return false
      return !hasAcr(session, tenants, requested)
    }),
    check(secondFactorReason, 'the app requires a second factor', (ctx, session) => {
      return session !== undefined && missingLevel(ctx, session, tenants) !== 'none'
    }),
    refuseIfStillUnmet('id_token_hint', 'the app asked for another user', isDifferentUser, () => {
      throw new errors.LoginRequired('another user signed in than the app asked for (id_token_hint or the claim sub)')
    }),
  )
}

/** Details for web/consent/second-factor.ts, if the session lacks only a factor. */
function factorDetails(ctx: KoaContextWithOIDC, tenants: PromptPorts['tenants']) {
  const { session } = requestCache()
  if (session === undefined) return {}
  const level = missingLevel(ctx, session, tenants)
  if (level === 'none') return {}
  return { level, required: isLevelRequired(ctx, session, tenants), fresh: ctx.oidc.result?.['freshLogin'] }
}

const sessionNow = () => ({ session: requestCache().session?.id })

type Test = (ctx: KoaContextWithOIDC, session: Session | undefined) => boolean
type SignedInTest = (ctx: KoaContextWithOIDC, session: Session) => boolean

function check(reason: string, description: string, test: Test) {
  return new Check(reason, description, 'login_required', (ctx) => test(ctx, requestCache().session))
}

function untilSignedInAgain(reason: string, description: string, test: SignedInTest) {
  return check(reason, description, (ctx, session) => {
    return session !== undefined && test(ctx, session) && !isFresh(ctx, session)
  })
}

/** Asks for one new sign-in; if the condition still holds after it, `refuse` ends the request. */
function refuseIfStillUnmet(
  reason: string,
  description: string,
  test: SignedInTest,
  refuse: (ctx: KoaContextWithOIDC) => never,
) {
  return check(reason, description, (ctx, session) => {
    if (session === undefined || !test(ctx, session)) return false
    return isFresh(ctx, session) ? refuse(ctx) : true
  })
}

function isFresh({ oidc }: KoaContextWithOIDC, session: Session): boolean {
  return oidc.result?.['freshLogin'] === session.id
}

function isOtherTenant({ oidc }: KoaContextWithOIDC, { tenant }: Session): boolean {
  const requested = oidc.params?.['tenant']
  return (typeof requested === 'string' && requested !== tenant) || !mayServe(appOf(oidc.client), tenant)
}

function isUserOutsideApis(apis: readonly Api[]): SignedInTest {
  return ({ oidc }, session) =>
    apis.some((api) => Object.hasOwn(oidc.resourceServers ?? {}, api.id) && !servesUsersOf(api, session.tenant))
}

function isAcrInsufficient(tenants: PromptPorts['tenants']): SignedInTest {
  return ({ oidc }, session) => {
    const wanted = essentialAcrs(oidc)
    // a level that a factor here reaches: `second_factor`
    return wanted.length > 0 && requestedLevel(wanted) === 'none' && !hasAcr(session, tenants, wanted)
  }
}

function isDifferentUser({ oidc }: KoaContextWithOIDC, { userId }: Session): boolean {
  // oidc-provider verified the hint when the request arrived
  const hint = oidc.params?.['id_token_hint']
  const hinted = typeof hint === 'string' ? decodeJwt(hint).sub : undefined
  const claimed = oidc.claims.id_token?.['sub']?.value
  return [hinted, claimed].some((sub) => sub !== undefined && sub !== userId)
}

function accountPrompt() {
  return new Prompt(
    { name: 'select_account', requestable: true },
    sessionNow,
    new Check('select_account_prompt', 'the app asked for an account', 'account_selection_required', ({ oidc }) => {
      const { session } = requestCache()
      if (!oidc.prompts.has('select_account') || session === undefined) return false
      return ![oidc.result?.['chosen'], oidc.result?.['freshLogin']].includes(session.id)
    }),
  )
}

/** The page says whom the app is for; the app gets `access_denied`. */
function accessPrompt(ports: AppAccessPorts) {
  const isRefused = async ({ oidc }: KoaContextWithOIDC) => {
    const { session } = requestCache()
    if (session === undefined) return false
    return (await refusedAccess(ports, appOf(oidc.client), session, 'sign-in')) !== undefined
  }
  return new Prompt(
    { name: 'access', requestable: false },
    sessionNow,
    new Check('app_access', 'the user may not use this app', 'access_denied', isRefused),
  )
}

function consentPrompt() {
  return new Prompt(
    { name: 'consent', requestable: true },
    (ctx) => ({ ...sessionNow(), missing: missingScopes(ctx) }),
    new Check('consent_prompt', 'the app asked for consent', 'consent_required', (ctx) => {
      return ctx.oidc.prompts.has('consent') && !hasConsented(ctx)
    }),
    new Check('scopes_missing', 'the user has not consented to every scope', 'consent_required', (ctx) => {
      return missingScopes(ctx).length > 0
    }),
    new Check('native_client', 'another program could impersonate this app', 'interaction_required', (ctx) => {
      return isImpersonable(ctx) && !hasConsented(ctx)
    }),
  )
}

function hasConsented({ oidc }: KoaContextWithOIDC): boolean {
  const { session } = requestCache()
  return session !== undefined && oidc.result?.['consented'] === session.id
}

/**
 * RFC 8252 8.6: any program can listen on a loopback port or claim a private-use scheme. The user
 * confirms each sign-in; only a claimed https redirect URI proves which app receives the code.
 */
function isImpersonable({ oidc }: KoaContextWithOIDC): boolean {
  return isConfirmedEachTime(appOf(oidc.client).kind, oidc.params?.['redirect_uri'])
}
