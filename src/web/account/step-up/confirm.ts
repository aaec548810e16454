/** Step-up: a second factor, or a new sign-in, before a sensitive action (V1). */
import type { Request } from 'express'
import { usableMethods } from '../../../broker/assurance/requirement.ts'
import { mayChangeFactors } from '../../../broker/factors/may-change.ts'
import type { AssertionPorts } from '../../../broker/factors/passkeys/assertion.ts'
import { verifyFactor } from '../../../broker/factors/verify-factor.ts'
import { isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { ownFactors } from '../../../broker/login/open-user-session.ts'
import { raiseSession } from '../../../broker/login/raise-session.ts'
import type { Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { withQuery } from '../../../http/destination.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { formOf, queryOf, textField } from '../../../http/fields.ts'
import { allowFetch, allowFormTarget, redirect, sendPage, sendResultPage } from '../../../http/respond.ts'
import { submittedFormPage } from '../../../pages/message-page.tsx'
import { mfaPolicyOf } from '../../../tenant.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'
import { type CompleteSignInPorts, keepSession } from '../../sign-in/complete-sign-in.ts'
import { currentSession } from '../../sign-in/current-session.ts'
import { passkeyOptionsPath } from '../../sign-in/second-factor/paths.ts'
import { isFactorRefusal, readProof } from '../../sign-in/second-factor/read-proof.ts'
import { type OpenAccountPorts, openAccount, viewerOf } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { type ConfirmMethod, type StepUpPageProps, stepUpPage } from './confirm-page.tsx'
import { hiddenFields, keptForm, pageOfForm, type RefusedForm, refusedFormOf } from './refused-form.ts'

export const confirmPath = '/account/security/confirm'

export const confirmHref = (returnTo: string) => withQuery(confirmPath, { return_to: returnTo })

type ProvableParts = Parameters<typeof ownFactors>[0] & Pick<AssertionPorts, 'connections' | 'passkeySite'>

/** Whether the page can offer more than a new sign-in. */
export async function canStepUp(parts: ProvableParts, session: Session): Promise<boolean> {
  return (await provableHere(parts, session)).length > 0
}

/** Factors that the user can prove on the page, best first. */
async function provableHere(parts: ProvableParts, session: Session): Promise<readonly ConfirmMethod[]> {
  const { methods } = mfaPolicyOf(parts.connections.tenant(session.tenant))
  const usable = usableMethods(await ownFactors(parts, session), methods)
  return parts.passkeySite === undefined ? usable.filter((method) => method !== 'passkey') : usable
}

export type StepUpPagePorts = OpenAccountPorts & PartsOf<typeof mayChangeFactors> & PartsOf<typeof canStepUp>
type ConfirmPorts = StepUpPagePorts & CompleteSignInPorts & PartsOf<typeof verifyFactor> & PartsOf<typeof raiseSession>

/** A path of the account site or of the portal; anything else leads to the account. */
function destinationOf(given: string | undefined): string {
  const url = given?.startsWith('/') ? URL.parse(given, 'https://gatehouse.invalid') : null
  const isOurs = url !== null && url.origin === 'https://gatehouse.invalid'
  return isOurs && /^\/(?:account|developer|admin)(?:\/|$)/.test(url.pathname)
    ? `${url.pathname}${url.search}`
    : '/account'
}

export const readConfirmQuery = (request: Request) => destinationOf(textField(queryOf(request), 'return_to'))

export async function showConfirm(call: Call<ConfirmPorts>, returnTo: string): Promise<void> {
  const account = await openAccount(call, confirmHref(returnTo))
  if (account === null) return
  // no action that requires less leads here
  if (await mayChangeFactors(call.shell.parts, account.session)) return redirect(call.response, returnTo)
  allowFetch(call.response)
  sendPage(call.response, 200, stepUpPage(await pageProps(call.shell, account.session, returnTo)))
}

async function pageProps(
  shell: StepUpPagePorts,
  session: Session,
  returnTo: string,
  repeated?: RefusedForm,
): Promise<StepUpPageProps> {
  const { parts } = shell
  const [provable, isRecent, methods, viewer] = await Promise.all([
    provableHere(parts, session),
    isFresh(parts, session),
    signInMethods(parts, session.tenant, session.userId),
    viewerOf(shell, session),
  ])
  return {
    viewer,
    methods: provable,
    isRecent,
    form: {
      action: confirmPath,
      options: passkeyOptionsPath,
      hidden: { return_to: returnTo, ...(repeated && hiddenFields(repeated)) },
    },
    signInAgainHref: signInAgainHref(session, methods, returnTo),
    cancelHref: returnTo,
    continues: repeated !== undefined,
  }
}

export function readConfirmForm(request: Request) {
  const form = formOf(request)
  return {
    proof: readProof(form),
    returnTo: destinationOf(textField(form, 'return_to')),
    repeated: refusedFormOf(textField(form, 'repeat', 400), textField(form, 'fields', 16_384)),
  }
}

/** The session gets a new token (SE-01), and keeps its apps. */
export async function submitConfirm(
  call: Call<ConfirmPorts>,
  { proof, returnTo, repeated }: ReturnType<typeof readConfirmForm>,
): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  if (session === null) throw new GatehouseError('session_invalid', 'no live session')
  try {
    const factor = await verifyFactor(shell.parts, session, proof, session.id)
    await keepSession(call, await raiseSession(shell.parts, session, factor))
  } catch (error) {
    if (!(error instanceof GatehouseError) || !isFactorRefusal(error)) throw error
    const props = await pageProps(shell, session, returnTo, repeated)
    allowFetch(response)
    return sendResultPage(response, stepUpPage({ ...props, error: errorTextOf(error) }), error)
  }
  if (repeated === undefined) return redirect(response, returnTo)
  allowFormTarget(response, "'self'")
  sendPage(response, 200, submittedFormPage({ title: 'Confirmed', ...repeated }))
}

/**
 * The page in place of the error, with the fields that were sent. Undefined: the error page is
 * right.
 */
export async function refusedFormPage(
  shell: StepUpPagePorts & Pick<Shell, 'log'>,
  request: Request,
  error: GatehouseError,
): Promise<string | undefined> {
  if (error.code !== 'fresh_sign_in_required' || request.method !== 'POST') return undefined
  if (!/^\/(?:account|developer)\//.test(request.path)) return undefined
  try {
    const session = await currentSession({ shell, request })
    if (session === null) return undefined
    return stepUpPage(
      await pageProps(shell, session, pageOfForm(request.path), keptForm(request.path, formOf(request))),
    )
  } catch {
    return undefined // an error page must not fail again
  }
}
