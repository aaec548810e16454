/** `/login/second-factor`: proves a second factor, to finish a sign-in or to raise a session. */
import type { Request } from 'express'
import type { ProvableMethod } from '../../../broker/assurance/requirement.ts'
import { passkeyFactorOptions } from '../../../broker/factors/verify-factor.ts'
import type { Refused } from '../../../broker/login/outcome.ts'
import type { FinishedSignIn } from '../../../broker/login/second-factor.ts'
import { GatehouseError } from '../../../errors.ts'
import { withQuery } from '../../../http/destination.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { formOf, queryOf, textField } from '../../../http/fields.ts'
import { allowFetch, redirect, sendResultPage } from '../../../http/respond.ts'
import { mfaPolicyOf } from '../../../tenant.ts'
import { securityPath } from '../../account/factors/paths.ts'
import { refusePage } from '../../errors/failure.ts'
import type { Call } from '../../shell.ts'
import { completeSignIn } from '../complete-sign-in.ts'
import { connectedLabel } from '../connected-label.ts'
import { currentSession } from '../current-session.ts'
import { type RequestingAppPorts, requestingApp } from '../requesting-app.ts'
import { secondFactorPath, setupPath } from './finish-sign-in.ts'
import { passkeyOptionsPath } from './paths.ts'
import { isFactorRefusal, provableMethods, readProof } from './read-proof.ts'
import { rememberHere } from './remembered-browser.ts'
import { secondFactorPage } from './second-factor-page.tsx'
import {
  type FactorSubject,
  factorSubject,
  isExpired,
  isOpenedDirectly,
  readSubjectQuery,
  redirectExpired,
  type SubjectPorts,
  type SubjectQuery,
} from './subject.ts'

/** web/recovery/recover.ts */
const recoverHref = (challenge: string) => withQuery('/login/recover', { challenge })

export type SecondFactorCall = Call<SubjectPorts & RequestingAppPorts>

export function readSecondFactor(request: Request) {
  const query = queryOf(request)
  const wanted = textField(query, 'method', 16)
  return { subject: readSubjectQuery(query), method: provableMethods.find((method) => method === wanted) }
}

export async function showSecondFactor(
  call: SecondFactorCall,
  { subject: query, method }: ReturnType<typeof readSecondFactor>,
): Promise<void> {
  if (isOpenedDirectly(query)) return redirect(call.response, securityPath)
  const subject = await factorSubject(call, query)
  if (subject !== null) await renderPage(call, subject, method)
}

async function renderPage(
  call: SecondFactorCall,
  subject: FactorSubject,
  wanted: ProvableMethod | undefined,
  error?: GatehouseError,
): Promise<void> {
  const { shell, response } = call
  const { tenant, fields } = subject
  const method = subject.methods.find((each) => each === wanted) ?? subject.methods[0]
  if (method === undefined) return redirect(response, withQuery(setupPath, fields))
  const { rememberSeconds } = mfaPolicyOf(tenant)
  const html = secondFactorPage({
    tenant,
    email: subject.email,
    app: await requestingApp(shell, subject, tenant.id),
    connects: await connectedLabel(shell, subject, tenant.id),
    method,
    others: subject.methods
      .filter((each) => each !== method)
      .map((each) => ({ method: each, href: withQuery(secondFactorPath, { ...fields, method: each }) })),
    // the address of the page after a wrong code leads back to it
    form: {
      action: withQuery(secondFactorPath, { ...fields, method }),
      hidden: { ...fields, method },
      options: passkeyOptionsPath,
    },
    ...(subject.mayRemember && rememberSeconds > 0 && { rememberDays: Math.ceil(rememberSeconds / 86_400) }),
    ...(subject.challenge !== undefined && { recoverHref: recoverHref(subject.challenge) }),
    cancel: subject.cancel,
    error: error && errorTextOf(error),
    signedIn: subject.signedIn,
  })
  if (method === 'passkey') allowFetch(response)
  sendResultPage(response, html, error)
}

export const readPasskeyOptions = (request: Request) => readSubjectQuery(formOf(request))

/**
 * Sends passkey options to the script of the page, and of `/account/security/confirm`, which asks
 * whatever the level.
 */
export async function sendPasskeyOptions(call: SecondFactorCall, query: SubjectQuery): Promise<void> {
  const { parts } = call.shell
  const session = query.challenge === undefined ? await currentSession(call) : null
  const options =
    session === null
      ? await (await factorSubject(call, query))?.passkeyOptions()
      : await passkeyFactorOptions(parts, session, session.id)
  if (options !== undefined) call.response.set('cache-control', 'no-store').json(options)
}

export function readSecondFactorForm(request: Request) {
  const form = formOf(request)
  const isRemembered = textField(form, 'remember', 8) === 'yes'
  return { subject: readSubjectQuery(form), proof: readProof(form), isRemembered }
}

export async function submitSecondFactor(
  call: SecondFactorCall,
  form: ReturnType<typeof readSecondFactorForm>,
): Promise<void> {
  const subject = await factorSubject(call, form.subject)
  if (subject === null) return
  try {
    const finished = await subject.prove(form.proof)
    await endSecondFactor(call, subject, finished, form.isRemembered)
  } catch (error) {
    if (isExpired(error)) return redirectExpired(call, form.subject)
    if (!(error instanceof GatehouseError) || !isFactorRefusal(error)) throw error
    await renderPage(call, subject, form.proof.method, error)
  }
}

/** Signed in: remembers the browser if the user asked for it, sets the cookie, redirects. */
export async function endSecondFactor(
  call: SecondFactorCall,
  subject: FactorSubject,
  finished: FinishedSignIn | Refused,
  isRemembered: boolean,
): Promise<void> {
  if (finished.outcome === 'refused') return refusePage(call, finished)
  if (isRemembered && subject.mayRemember) await rememberHere(call, subject.user)
  await completeSignIn(call, finished, finished.typedEmail)
}
