/**
 * The user who must prove or set up a second factor: of a pending sign-in (`challenge`), or of the
 * current session (step-up).
 */
import { levelOfSession } from '../../../broker/assurance/evidence.ts'
import { meets, type RequiredLevel } from '../../../broker/assurance/level.ts'
import { challengeId, findCurrentSignIn, type PendingCaller } from '../../../broker/assurance/pending-sign-in.ts'
import { type ProvableMethod, usableMethods } from '../../../broker/assurance/requirement.ts'
import { type Registrant, registrantOf } from '../../../broker/factors/passkeys/registration.ts'
import { type FactorProof, passkeyFactorOptions, verifyFactor } from '../../../broker/factors/verify-factor.ts'
import { ownFactors, type ProvenFactor } from '../../../broker/login/open-user-session.ts'
import type { Refused } from '../../../broker/login/outcome.ts'
import { raiseSession } from '../../../broker/login/raise-session.ts'
import { checkReturnUrl } from '../../../broker/login/return-url.ts'
import {
  type FinishedSignIn,
  finishPendingSignIn,
  pendingChoices,
  proveSecondFactor,
} from '../../../broker/login/second-factor.ts'
import type { Session, UserKey } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { definedOnly, loginParamsOf, toQuery, withQuery } from '../../../http/destination.ts'
import { type Fields, textField } from '../../../http/fields.ts'
import { redirect } from '../../../http/respond.ts'
import { signedInOf } from '../../../http/views.ts'
import type { SignedIn } from '../../../pages/layout.tsx'
import type { PageLink } from '../../../pages/parts.tsx'
import { evidenceRuleOf, mfaPolicyOf, type Tenant } from '../../../tenant.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../current-session.ts'
import { pendingBrowserHash } from '../pending-browser.ts'
import { type FinishSignInPorts, secondFactorPath } from './finish-sign-in.ts'

export type SubjectPorts = FinishSignInPorts & CurrentSessionPorts & PartsOf<typeof raiseSession>

export interface FactorSubject {
  readonly tenant: Tenant
  readonly user: UserKey
  readonly email: string | undefined
  /** The viewer of the page; undefined for a pending sign-in. */
  readonly signedIn: SignedIn | undefined
  /** Best first. Empty: the user must set one up. */
  readonly methods: readonly ProvableMethod[]
  readonly level: RequiredLevel
  readonly mayPostpone: boolean
  /** The browser may be remembered. False for a step-up, which asks for a factor each time. */
  readonly mayRemember: boolean
  /** Destination after the factor is proven. */
  readonly returnTo: string
  /** Code of a pending link that the sign-in completes. */
  readonly link?: string | undefined
  /** Form fields and query parameters from which `readSubjectQuery` finds this subject again. */
  readonly fields: Readonly<Record<string, string>>
  readonly cancel: PageLink
  /** Secret of the pending sign-in; absent for a step-up. */
  readonly challenge?: string
  /** Options for `navigator.credentials.get`, as JSON. Throws `passkeys_unavailable`. */
  passkeyOptions(): Promise<object>
  /** Throws `factor_invalid`, `too_many_attempts`, `mfa_challenge_invalid`. */
  prove(proof: FactorProof): Promise<FinishedSignIn | Refused>
  /** Who sets up a factor. `currentUser` throws `mfa_challenge_invalid`, `session_invalid`. */
  readonly registrant: Registrant
  /** Signs in, or raises the session, with a factor just set up. Throws `mfa_challenge_invalid`. */
  finish(factor: ProvenFactor): Promise<FinishedSignIn | Refused>
  /** Signs in without a factor. Throws `mfa_challenge_invalid` after the grace period. */
  postpone(): Promise<FinishedSignIn | Refused>
}

export interface SubjectQuery {
  readonly challenge: string | undefined
  readonly tenant: string | undefined
  readonly returnTo: string | undefined
  readonly level: RequiredLevel
  /** In a step-up, the user may continue without a factor. */
  readonly isOptional: boolean
}

export function readSubjectQuery(fields: Fields): SubjectQuery {
  return {
    challenge: textField(fields, 'challenge', 128),
    tenant: textField(fields, 'tenant', 64),
    returnTo: textField(fields, 'return_to'),
    level: textField(fields, 'level', 32) === 'phr' ? 'phishing-resistant' : 'second factor',
    isOptional: textField(fields, 'optional', 8) !== undefined,
  }
}

/** True for a URL that was opened directly, such as from the browser's history. */
export const isOpenedDirectly = ({ challenge, returnTo }: SubjectQuery): boolean =>
  challenge === undefined && returnTo === undefined

/**
 * Null after a redirect: to the login if the pending sign-in has expired or there is no session, to
 * `returnTo` if the session has the level already.
 */
export async function factorSubject(call: Call<SubjectPorts>, query: SubjectQuery): Promise<FactorSubject | null> {
  if (query.challenge !== undefined) return signInSubject(call, query.challenge, query)
  const session = await currentSession(call)
  const here = withQuery(secondFactorPath, stepUpFields(query.returnTo, query))
  if (session === null) {
    redirect(call.response, withQuery('/login', { tenant: query.tenant, return_to: here }))
    return null
  }
  return stepUpSubject(call, session, query)
}

const stepUpFields = (returnTo: string | undefined, { level, isOptional }: SubjectQuery) =>
  definedOnly({
    return_to: returnTo,
    level: level === 'phishing-resistant' ? 'phr' : undefined,
    optional: isOptional ? '1' : undefined,
  })

async function signInSubject(
  call: Call<SubjectPorts>,
  challenge: string,
  query: SubjectQuery,
): Promise<FactorSubject | null> {
  const { parts } = call.shell
  const caller: PendingCaller = { browser: (await pendingBrowserHash(call)) ?? '' }
  const presented = { challenge, caller }
  try {
    const { pending, methods, mayPostpone } = await pendingChoices(parts, presented)
    const params = toQuery(loginParamsOf(pending.resume))
    return {
      tenant: parts.connections.tenant(pending.tenant),
      user: { tenant: pending.tenant, userId: pending.userId },
      email: pending.email,
      signedIn: undefined,
      methods,
      level: 'second factor',
      mayPostpone,
      mayRemember: true,
      returnTo: pending.resume.returnTo,
      link: pending.resume.link,
      // where the sign-in starts again, once the challenge has expired
      fields: { challenge, ...definedOnly({ tenant: params['tenant'], return_to: params['return_to'] }) },
      cancel: { href: withQuery('/login', params), label: 'Cancel' },
      challenge,
      passkeyOptions: () => passkeyFactorOptions(parts, pending, challengeId(challenge)),
      prove: (proof) => proveSecondFactor(parts, presented, proof),
      registrant: {
        tenant: pending.tenant,
        userId: pending.userId,
        id: `sign-in ${challengeId(challenge)}`,
        currentUser: async () => (await findCurrentSignIn(parts, challenge, caller)).user,
      },
      finish: (factor) => finishPendingSignIn(parts, presented, factor),
      postpone: () => (mayPostpone ? finishPendingSignIn(parts, presented, 'postponed') : cannotPostpone()),
    }
  } catch (error) {
    if (!isExpired(error)) throw error
    redirectExpired(call, query)
    return null
  }
}

const cannotPostpone = () => Promise.reject(new GatehouseError('mfa_required', 'the second factor cannot be postponed'))

export const isExpired = (error: unknown) => error instanceof GatehouseError && error.code === 'mfa_challenge_invalid'

/** Redirects to the login page, which says that the sign-in has expired. */
export function redirectExpired({ response }: Call<object>, { tenant, returnTo }: SubjectQuery): void {
  redirect(response, withQuery('/login', { tenant, return_to: returnTo, expired: '1' }))
}

async function stepUpSubject(
  call: Call<SubjectPorts>,
  session: Session,
  query: SubjectQuery,
): Promise<FactorSubject | null> {
  const { returnTo: given = '/account', level } = query
  const { shell } = call
  const { parts } = shell
  const tenant = parts.connections.tenant(session.tenant)
  const returnTo = checkReturnUrl(given, tenant, shell.publicUrl)
  if (meets(levelOfSession(session, evidenceRuleOf(tenant, session.connection)), level)) {
    redirect(call.response, returnTo)
    return null
  }
  // a step-up has no trace: no reference
  const resume = { reference: '', returnTo, tenant: session.tenant, connection: session.connection }
  const finish = async (factor: ProvenFactor) => {
    const raised = await raiseSession(parts, session, factor)
    return { outcome: 'signed in', ...raised, resume, facts: {} } as const
  }
  return {
    tenant,
    user: session,
    email: session.profile.email?.address,
    signedIn: signedInOf(session),
    methods: usableMethods(await ownFactors(parts, session), mfaPolicyOf(tenant).methods, level),
    level,
    mayPostpone: false,
    mayRemember: false,
    returnTo,
    fields: stepUpFields(returnTo, query),
    cancel: cancelOf(returnTo, shell.publicUrl, query.isOptional),
    passkeyOptions: () => passkeyFactorOptions(parts, session, session.id),
    prove: async (proof) => finish(await verifyFactor(parts, session, proof, session.id)),
    registrant: registrantOf(parts, session),
    finish,
    postpone: cannotPostpone,
  }
}

/**
 * On `/consent/…`, a pending request of an app gets an error or continues. Any other destination
 * may require the factor again, so Cancel leads to the account.
 */
function cancelOf(returnTo: string, publicUrl: URL, isOptional: boolean): PageLink {
  const { origin, pathname } = new URL(returnTo)
  if (origin !== publicUrl.origin || !/^\/consent\/[\w-]+$/.test(pathname)) return { href: '/account', label: 'Cancel' }
  if (isOptional) return { href: withQuery(pathname, { declined: '1' }), label: 'Continue without it' }
  return { href: withQuery(pathname, { refused: 'unmet_authentication_requirements' }), label: 'Cancel' }
}
