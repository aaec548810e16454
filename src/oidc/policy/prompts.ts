/**
 * When a person has to do something before an app gets its answer: sign in (again), say as whom, or agree. Each check gives a reason;
 * the page of the interaction (web/consent/consent.ts) acts on it. Having done it is bound to the session it was done in.
 */
import { decodeJwt } from 'jose'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { type Api, isConfirmedEachTime, mayServe, servesUsersOf } from '../../app/app.ts'
import type { Session } from '../../broker/session/session.ts'
import { appOf } from '../storage/clients.ts'
import { missingScopes } from '../storage/grants.ts'
import { readsOfRequest } from '../storage/request-cache.ts'

const { Check, Prompt } = interactionPolicy

/** What the interaction page leaves behind: the id of the session in which the person did what was asked. */
export interface InteractionResult {
  /** Signed in after this request began. */
  readonly freshLogin?: string
  /** Chose to go on as who they are. */
  readonly chosen?: string
  /** Answered the consent page. */
  readonly consented?: string
}

export function interactionPrompts(apis: readonly Api[]) {
  const prompts = [loginPrompt(apis), accountPrompt(), consentPrompt()]
  // the library's own check of `prompt` comes first and asks whether anything was done at all; ours ask in which session
  for (const { name, checks } of prompts) checks.remove(`${name}_prompt`)
  return prompts
}

function loginPrompt(apis: readonly Api[]) {
  return new Prompt(
    { name: 'login', requestable: true },
    // an answer must come from another one; `stale`: one that came before, of a sign-in that was no new one
    (ctx) => ({ ...sessionNow(), stale: ctx.oidc.result?.['stale'] }),
    check('no_session', 'nobody is signed in', (_ctx, session) => session === undefined),
    untilSignedInAgain('login_prompt', 'the app asked for a new sign-in', ({ oidc }) => oidc.prompts.has('login')),
    untilSignedInAgain('max_age', 'the sign-in is older than the app accepts', ({ oidc }, session) => {
      const maxAge = oidc.params?.['max_age']
      if (typeof maxAge !== 'string') return false
      return session.unprovenSignIn !== undefined || oidc.session?.past(Number(maxAge)) === true
    }),
    refuseIfStillUnmet('tenant', 'another organisation is asked for', isOtherTenant, () => {
      throw new errors.UnauthorizedClient('the person signed in at an organisation that this app does not serve')
    }),
    refuseIfStillUnmet(
      'api_tenant',
      'an API is asked for that does not serve the tenant of the user',
      isUserOutsideApis(apis),
      () => {
        throw new errors.InvalidTarget('the user signed in at a tenant whose users the API does not serve')
      },
    ),
    refuseIfStillUnmet(
      'essential_acr',
      'the sign-in was not strong enough for the app',
      isAcrInsufficient,
      ({ oidc }) => {
        const wanted = essentialAcrs(oidc).join(' ')
        throw new errors.UnmetAuthenticationRequirements(`acr: expected one of ${wanted}, got ${oidc.acr ?? 'none'}`)
      },
    ),
    // a wish: tried once, where somebody can be asked; then the app is told what was reached (OIDC Core 3.1.2.1, 5.5.1.1)
    untilSignedInAgain('acr', 'the app would like a stronger sign-in', ({ oidc }) => {
      const requested = requestedAcrs(oidc)
      return !oidc.prompts.has('none') && requested.length > 0 && !requested.includes(oidc.acr)
    }),
    refuseIfStillUnmet('id_token_hint', 'another person is signed in than the app means', isDifferentUser, () => {
      throw new errors.LoginRequired('another person signed in than the app means (id_token_hint or the claim sub)')
    }),
  )
}

const sessionNow = () => ({ session: readsOfRequest().session?.id })

type Test = (ctx: KoaContextWithOIDC, session: Session | undefined) => boolean

function check(reason: string, description: string, test: Test) {
  return new Check(reason, description, 'login_required', (ctx) => test(ctx, readsOfRequest().session))
}

/** Holds until the person signed in once more. */
function untilSignedInAgain(
  reason: string,
  description: string,
  test: (ctx: KoaContextWithOIDC, session: Session) => boolean,
) {
  return check(reason, description, (ctx, session) => {
    return session !== undefined && test(ctx, session) && !isFresh(ctx, session)
  })
}

/** Asked once; who signed in anew and still does not meet it is refused, not sent round and round. */
function refuseIfStillUnmet(
  reason: string,
  description: string,
  test: Test,
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

function isOtherTenant({ oidc }: KoaContextWithOIDC, session: Session | undefined): boolean {
  const asked = oidc.params?.['tenant']
  if (session === undefined) return false
  return (typeof asked === 'string' && asked !== session.tenant) || !mayServe(appOf(oidc.client), session.tenant)
}

/** Asks for a token of an API that does not serve the user's tenant. */
function isUserOutsideApis(apis: readonly Api[]): Test {
  return ({ oidc }, session) => {
    const asked = apis.filter(({ id }) => Object.hasOwn(oidc.resourceServers ?? {}, id))
    return session !== undefined && !asked.every((api) => servesUsersOf(api, session.tenant))
  }
}

function isAcrInsufficient({ oidc }: KoaContextWithOIDC): boolean {
  const wanted = essentialAcrs(oidc)
  return wanted.length > 0 && !wanted.includes(oidc.acr)
}

type Oidc = KoaContextWithOIDC['oidc']

/** Without one of them the app wants no answer: only the claims parameter can say so. */
function essentialAcrs(oidc: Oidc): readonly string[] {
  return oidc.claims.id_token?.['acr']?.essential === true ? acrsOfClaims(oidc) : []
}

/** `acr_values`, or an `acr` of the claims parameter that is not essential. */
function requestedAcrs(oidc: Oidc): readonly string[] {
  const asked = oidc.params?.['acr_values']
  return typeof asked === 'string' && asked !== '' ? asked.split(' ') : acrsOfClaims(oidc)
}

function acrsOfClaims({ claims }: Oidc): readonly string[] {
  const { value, values } = claims.id_token?.['acr'] ?? {}
  const claimed = [...(Array.isArray(values) ? values : []), ...(value === undefined ? [] : [value])]
  return claimed.filter((each) => typeof each === 'string')
}

function isDifferentUser({ oidc }: KoaContextWithOIDC, session: Session | undefined): boolean {
  // verified when the request came in; of a request that goes on only the text is left
  const hint = oidc.params?.['id_token_hint']
  const hinted = typeof hint === 'string' ? decodeJwt(hint).sub : undefined
  const claimed = oidc.claims.id_token?.['sub']?.value
  return [hinted, claimed].some((sub) => sub !== undefined && sub !== session?.userId)
}

function accountPrompt() {
  return new Prompt(
    { name: 'select_account', requestable: true },
    sessionNow,
    new Check('select_account_prompt', 'the app asked as whom to go on', 'account_selection_required', ({ oidc }) => {
      const { session } = readsOfRequest()
      if (!oidc.prompts.has('select_account') || session === undefined) return false
      return ![oidc.result?.['chosen'], oidc.result?.['freshLogin']].includes(session.id)
    }),
  )
}

function consentPrompt() {
  return new Prompt(
    { name: 'consent', requestable: true },
    (ctx) => ({ ...sessionNow(), missing: missingScopes(ctx) }),
    new Check('consent_prompt', 'the app asked for consent', 'consent_required', (ctx) => {
      return ctx.oidc.prompts.has('consent') && !hasConsented(ctx)
    }),
    new Check('scopes_missing', 'the person has not agreed to all the app asks', 'consent_required', (ctx) => {
      return missingScopes(ctx).length > 0
    }),
    new Check('native_client', 'any program could pretend to be this app', 'interaction_required', (ctx) => {
      return isImpersonable(ctx) && !hasConsented(ctx)
    }),
  )
}

function hasConsented({ oidc }: KoaContextWithOIDC): boolean {
  const { session } = readsOfRequest()
  return session !== undefined && oidc.result?.['consented'] === session.id
}

/**
 * RFC 8252 8.6: any program can listen on a loopback port or claim a private-use scheme, in the name of a first-party app too. The user
 * confirms each sign-in; only a claimed https redirect URI proves which app receives the code.
 */
function isImpersonable({ oidc }: KoaContextWithOIDC): boolean {
  const redirectUri = oidc.params?.['redirect_uri']
  return isConfirmedEachTime(appOf(oidc.client).kind, redirectUri)
}
