/**
 * `/login/recover`: recovery of a user who signed in up to the second factor, and has none left.
 */
import type { Request } from 'express'
import { findCurrentSignIn, type StoredSignIn } from '../../broker/assurance/pending-sign-in.ts'
import { noteProvenMethod } from '../../broker/factors/recovery/proven-methods.ts'
import {
  confirmRecoveryPath,
  findConfirmation,
  findRecovery,
  mailRecoveryConfirmation,
  recoveryPath,
  startRecovery,
  useRecoveryLink,
} from '../../broker/factors/recovery/recover.ts'
import type { Recovery } from '../../broker/ports/recoveries.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { fieldsOf, requiredText } from '../../http/fields.ts'
import { sendPage } from '../../http/respond.ts'
import { buttonLook } from '../../pages/brand-buttons.ts'
import { formatDuration } from '../../pages/duration-text.ts'
import { mfaPolicyOf, recoveryDelayOf, type Tenant } from '../../tenant.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { type PendingBrowserPorts, pendingBrowserHash } from '../sign-in/pending-browser.ts'
import { secondFactorPath } from '../sign-in/second-factor/finish-sign-in.ts'
import {
  cancelPage,
  checkRecoveryMailPage,
  completePage,
  pendingPage,
  proveMethodPage,
  recoveryDonePage,
  recoveryUnavailablePage,
  sendConfirmationPage,
  startRecoveryPage,
} from './recover-pages.tsx'
import { tenantOf } from './undo.ts'

export const recoverPath = '/login/recover'

type RecoverPorts = PendingBrowserPorts &
  PartsOf<typeof startRecovery> &
  PartsOf<typeof noteProvenMethod> &
  WithParts<'codes' | 'connections'>
type RecoverCall = Call<RecoverPorts>

export const readChallenge = (request: Request) => requiredText(fieldsOf(request), 'challenge', 128)
export const readCode = (request: Request) => requiredText(fieldsOf(request), 'code', 128)

interface Started {
  readonly pending: StoredSignIn
  readonly tenant: Tenant
  /** 0: only an administrator can help. */
  readonly delaySeconds: number
  readonly backHref: string
  /** Connections to prove first. Empty: the email may be sent. */
  readonly missing: readonly string[]
}

/** Throws `mfa_challenge_invalid`. */
async function started(call: RecoverCall, challenge: string): Promise<Started> {
  const { parts } = call.shell
  const browser = (await pendingBrowserHash(call)) ?? ''
  const { pending } = await findCurrentSignIn(parts, challenge, { browser })
  const tenant = parts.connections.tenant(pending.tenant)
  const proof = await noteProvenMethod(parts, pending, browser, pending.connection)
  return {
    pending,
    tenant,
    delaySeconds: proof.isPossible ? recoveryDelayOf(mfaPolicyOf(tenant)) : 0,
    backHref: withQuery(secondFactorPath, { challenge, tenant: tenant.id }),
    missing: proof.isEnough ? [] : proof.missing,
  }
}

export async function showRecover(call: RecoverCall, challenge: string): Promise<void> {
  const { tenant, delaySeconds, backHref, missing } = await started(call, challenge)
  const page = { tenant, delay: formatDuration(delaySeconds), backHref }
  if (delaySeconds === 0) return sendPage(call.response, 200, recoveryUnavailablePage(page))
  const html =
    missing.length > 0
      ? proveMethodPage({ ...page, methods: missing.map((id) => methodLink(call, tenant, id)) })
      : sendConfirmationPage({ ...page, form: { action: recoverPath, hidden: { challenge } } })
  sendPage(call.response, 200, html)
}

function methodLink({ shell: { parts } }: RecoverCall, { id: tenant }: Tenant, connection: string) {
  const open = parts.connections.get(tenant, connection)
  const isPassword = open.upstream.passwords !== undefined
  const label = `Sign in with ${connectionLabel(parts.connections, tenant, connection)}`
  const params = { tenant, returnTo: '/account' }
  const href = isPassword
    ? withQuery('/login', { tenant, prompt: 'login' })
    : startHref(params, connection, undefined, 'login')
  return { id: connection, ...buttonLook(open.provider), label, logoPath: logoPathOf(open), href, lastUsed: false }
}

export async function submitRecover(call: RecoverCall, challenge: string): Promise<void> {
  const { pending, tenant, delaySeconds, backHref, missing } = await started(call, challenge)
  if (delaySeconds > 0 && missing.length > 0) return showRecover(call, challenge)
  const { tenant: id, userId } = pending
  const isMailed = delaySeconds > 0 && (await mailRecoveryConfirmation(call.shell.parts, { tenant: id, userId }))
  const again = { action: recoverPath, hidden: { challenge } }
  sendPage(
    call.response,
    200,
    isMailed ? checkRecoveryMailPage({ tenant, again }) : recoveryUnavailablePage({ tenant, backHref }),
  )
}

export async function showConfirmation({ shell: { parts }, response }: RecoverCall, code: string): Promise<void> {
  const tenant = tenantOf(parts, await findConfirmation(parts, code))
  const delay = formatDuration(recoveryDelayOf(mfaPolicyOf(tenant)))
  sendPage(response, 200, startRecoveryPage({ tenant, delay, form: { action: confirmRecoveryPath, hidden: { code } } }))
}

export async function submitConfirmation({ shell: { parts }, response }: RecoverCall, code: string): Promise<void> {
  const recovery = await startRecovery(parts, code)
  sendPage(response, 200, pendingPageOf(parts, recovery))
}

const signInHrefOf = ({ id }: { readonly id: string }) => withQuery('/login', { tenant: id })

function pendingPageOf(parts: RecoverCall['shell']['parts'], recovery: Recovery): string {
  const tenant = tenantOf(parts, recovery)
  return pendingPage({
    tenant,
    effectiveAt: recovery.effectiveAt,
    now: parts.now(),
    signInHref: signInHrefOf(tenant),
  })
}

export async function showRecovery({ shell: { parts }, response }: RecoverCall, code: string): Promise<void> {
  const { recovery, purpose } = await findRecovery(parts, code)
  const tenant = tenantOf(parts, recovery)
  const form = { action: recoveryPath, hidden: { code } }
  if (purpose === 'wait') return sendPage(response, 200, pendingPageOf(parts, recovery))
  sendPage(response, 200, purpose === 'cancel' ? cancelPage({ tenant, form }) : completePage({ tenant, form }))
}

export async function submitRecovery(call: RecoverCall, code: string): Promise<void> {
  const { parts } = call.shell
  const { recovery, purpose } = await useRecoveryLink(parts, code)
  if (purpose === 'wait') return showRecovery(call, code)
  const tenant = tenantOf(parts, recovery)
  const outcome = purpose === 'cancel' ? 'canceled' : 'completed'
  sendPage(call.response, 200, recoveryDonePage({ tenant, outcome, signInHref: signInHrefOf(tenant) }))
}
