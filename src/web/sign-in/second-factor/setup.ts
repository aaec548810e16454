/** `/login/second-factor/setup`: a user without a second factor sets one up, then signs in. */
import type { Request } from 'express'
import { createRecoveryCodes } from '../../../broker/factors/create-recovery-codes.ts'
import { confirmTotp, pendingTotp, startTotp, type TotpEnrollment } from '../../../broker/factors/enroll-totp.ts'
import { creationOptionsFor, registerFor } from '../../../broker/factors/passkeys/registration.ts'
import { isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import type { ProvenFactor } from '../../../broker/login/open-user-session.ts'
import { GatehouseError } from '../../../errors.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { withQuery } from '../../../http/destination.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { formOf, oneOf, queryOf, requiredText } from '../../../http/fields.ts'
import { allowFetch, redirect, sendResultPage } from '../../../http/respond.ts'
import { formatDate } from '../../../primitives/time-expression.ts'
import { mfaPolicyOf } from '../../../tenant.ts'
import { securityPath } from '../../account/factors/paths.ts'
import { refusePage } from '../../errors/failure.ts'
import { passkeysPath } from '../../passkeys/paths.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { keepSignIn } from '../complete-sign-in.ts'
import { connectedLabel } from '../connected-label.ts'
import { currentSession } from '../current-session.ts'
import { requestingApp } from '../requesting-app.ts'
import { secondFactorPath, setupPath } from './finish-sign-in.ts'
import { setupPasskeyOptionsPath } from './paths.ts'
import { endSecondFactor, type SecondFactorCall } from './second-factor.ts'
import { chooseFactorPage, newCodesPage, totpSetupPage } from './setup-page.tsx'
import {
  type FactorSubject,
  factorSubject,
  isExpired,
  isOpenedDirectly,
  readSubjectQuery,
  redirectExpired,
  type SubjectQuery,
} from './subject.ts'

type SetupPorts = SecondFactorCall['shell'] &
  PartsOf<typeof confirmTotp> &
  PartsOf<typeof registerFor> &
  PartsOf<typeof startTotp> &
  PartsOf<typeof createRecoveryCodes> &
  PartsOf<typeof isFresh>
type SetupCall = Call<SetupPorts>

export const readSetup = (request: Request) => readSubjectQuery(queryOf(request))

export async function showSetup(call: SetupCall, query: SubjectQuery): Promise<void> {
  if (isOpenedDirectly(query)) return redirect(call.response, securityPath)
  const subject = await setupSubject(call, query)
  if (subject !== null) await renderChoice(call, subject)
}

/**
 * Null after a redirect. A user with a factor is asked to prove it; a session may set one up only
 * after a recent sign-in (MF-05).
 */
async function setupSubject(call: SetupCall, query: SubjectQuery): Promise<FactorSubject | null> {
  const subject = await factorSubject(call, query)
  if (subject === null) return null
  const { shell, response } = call
  try {
    await subject.registrant.currentUser()
  } catch (error) {
    if (!isExpired(error)) throw error
    redirectExpired(call, query)
    return null
  }
  if (subject.methods.length > 0) {
    redirect(response, withQuery(secondFactorPath, subject.fields))
    return null
  }
  const session = subject.signedIn === undefined ? null : await currentSession(call)
  if (session === null || (await isFresh(shell.parts, session))) return subject
  const here = withQuery(setupPath, subject.fields)
  redirect(response, withQuery('/login', { tenant: subject.tenant.id, return_to: here, prompt: 'login' }))
  return null
}

async function renderChoice(call: SetupCall, subject: FactorSubject, error?: GatehouseError): Promise<void> {
  const { shell, response } = call
  const { tenant, fields, level } = subject
  const { methods, graceUntil } = mfaPolicyOf(tenant)
  const formOfStep = (step: string) => ({ action: withQuery(setupPath, fields), hidden: { ...fields, step } })
  const takesPasskeys = methods.includes('passkey') && shell.parts.passkeySite !== undefined
  const isPending = subject.signedIn === undefined
  const passkey = { ...formOfStep('passkey'), options: setupPasskeyOptionsPath }
  const html = chooseFactorPage({
    tenant,
    app: await requestingApp(shell, subject, tenant.id),
    connects: await connectedLabel(shell, subject, tenant.id),
    ...(methods.includes('totp') && level !== 'phishing-resistant' && { totp: formOfStep('start') }),
    ...(subject.mayPostpone &&
      graceUntil && { postpone: { form: formOfStep('postpone'), until: formatDate(graceUntil) } }),
    ...(takesPasskeys && (isPending ? { passkey } : { passkeyHref: passkeysPath })),
    cancel: subject.cancel,
    error: error && errorTextOf(error),
    signedIn: subject.signedIn,
  })
  if (takesPasskeys && isPending) allowFetch(response)
  sendResultPage(response, html, error)
}

/** Sends the options of `navigator.credentials.create` to the script of the page. */
export async function sendSetupOptions(call: SetupCall, query: SubjectQuery): Promise<void> {
  const subject = await setupSubject(call, query)
  if (subject === null) return
  await assertMaySetUp(call, subject)
  const options = await creationOptionsFor(call.shell.parts, subject.registrant)
  call.response.set('cache-control', 'no-store').json(options)
}

export const readSetupOptions = (request: Request) => readSubjectQuery(formOf(request))

/** The former name of `postpone`, sent by a page that was open during an upgrade. */
const formerPostpone = 'later'

export function readSetupForm(request: Request) {
  const form = formOf(request)
  const given = oneOf(form, 'step', ['start', 'confirm', 'passkey', 'postpone', formerPostpone])
  const step = given === formerPostpone ? 'postpone' : given
  const read = (at: typeof step, name: string, max: number) => (step === at ? requiredText(form, name, max) : '')
  const code = { enrollment: read('confirm', 'enrollment', 128), code: read('confirm', 'code', 64) }
  return { subject: readSubjectQuery(form), step, ...code, response: read('passkey', 'response', 30_000) }
}

type SetupForm = ReturnType<typeof readSetupForm>

export async function submitSetup(call: SetupCall, form: SetupForm): Promise<void> {
  const subject = await setupSubject(call, form.subject)
  if (subject === null) return
  try {
    switch (form.step) {
      case 'start':
        await assertMaySetUp(call, subject)
        return await renderTotp(call, subject, await startTotp(call.shell.parts, subject.user))
      case 'postpone':
        return await endSecondFactor(call, subject, await subject.postpone(), false)
      case 'confirm':
        await assertMaySetUp(call, subject)
        return await confirm(call, subject, form)
      case 'passkey':
        await assertMaySetUp(call, subject)
        return await addPasskey(call, subject, form.response)
      default:
        return form.step satisfies never
    }
  } catch (error) {
    if (isExpired(error)) return redirectExpired(call, form.subject)
    if (!(error instanceof GatehouseError) || !isShownOnPage(error)) throw error
    await renderChoice(call, subject, error)
  }
}

const shownCodes = ['enrollment_expired', 'passkey_invalid', 'authenticators_full', 'factor_not_allowed']
const isShownOnPage = ({ code }: GatehouseError) => shownCodes.includes(code)

/**
 * An app is no step to a passkey, and users who have a factor add others on the account site
 * (MF-05).
 */
async function assertMaySetUp({ shell: { parts } }: SetupCall, { user, level }: FactorSubject): Promise<void> {
  if (level === 'phishing-resistant' || (await parts.authenticators.of(user)).length > 0)
    throw new GatehouseError('fresh_sign_in_required', 'a second factor cannot be set up here')
}

/** Adds the authenticator app, signs in, and shows the recovery codes. */
async function confirm(call: SetupCall, subject: FactorSubject, { enrollment, code }: SetupForm): Promise<void> {
  const { parts } = call.shell
  const { user } = subject
  await subject.registrant.currentUser()
  try {
    await confirmTotp(parts, user, { enrollment, code })
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'factor_invalid') throw error
    return await renderTotp(call, subject, await pendingTotp(parts, user, enrollment), error)
  }
  await finishSetup(call, subject, { method: 'totp', amr: ['otp'], at: parts.now() })
}

/** Adds the passkey, signs in, and shows the recovery codes. */
async function addPasskey(call: SetupCall, subject: FactorSubject, response: string): Promise<void> {
  const { parts } = call.shell
  const { amr } = await registerFor(parts, subject.registrant, response)
  await finishSetup(call, subject, { method: 'passkey', amr, at: parts.now() })
}

async function finishSetup(call: SetupCall, subject: FactorSubject, factor: ProvenFactor): Promise<void> {
  const { shell, response } = call
  const { user, tenant } = subject
  const { codes } = await createRecoveryCodes(shell.parts, user)
  const finished = await subject.finish(factor)
  if (finished.outcome === 'refused') return refusePage(call, finished)
  await keepSignIn(call, finished, finished.typedEmail)
  const { linked } = finished
  const connected = linked && connectionLabel(shell.parts.connections, tenant.id, linked)
  sendResultPage(response, newCodesPage({ tenant, connected, codes, continueHref: subject.returnTo }), undefined)
}

async function renderTotp(
  call: SetupCall,
  subject: FactorSubject,
  enrollment: TotpEnrollment,
  error?: GatehouseError,
): Promise<void> {
  const { tenant, fields, signedIn } = subject
  const hidden = { ...fields, step: 'confirm', enrollment: enrollment.enrollment }
  const text = 'Enter the code that the app shows now. Check that the clock of your phone is right.'
  const html = totpSetupPage({
    tenant,
    connects: await connectedLabel(call.shell, subject, tenant.id),
    enrollment,
    form: { action: withQuery(setupPath, fields), hidden },
    back: { href: withQuery(setupPath, fields), label: 'Back' },
    error: error && { title: 'The code is wrong', text },
    signedIn,
  })
  sendResultPage(call.response, html, error)
}
