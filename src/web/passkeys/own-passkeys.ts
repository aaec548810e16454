/** `/account/security/passkeys`: the user creates, renames, confirms and removes passkeys. */
import type { Request } from 'express'
import { refusalOf } from '../../broker/factors/allowed-methods.ts'
import { removeAuthenticator, renameAuthenticator } from '../../broker/factors/authenticators.ts'
import { assertMayChangeFactors, mayChangeFactors } from '../../broker/factors/may-change.ts'
import { modelName } from '../../broker/factors/passkeys/models.ts'
import { ownPasskey, passkeysOf } from '../../broker/factors/passkeys/own-passkeys.ts'
import { requirePasskeySite } from '../../broker/factors/passkeys/passkey-site.ts'
import { passkeyCreationOptions, passkeyUserOf, registerPasskey } from '../../broker/factors/passkeys/registration.ts'
import { offersPasskeySignIn } from '../../broker/factors/passkeys/sign-in.ts'
import { confirmPasskey } from '../../broker/factors/passkeys/suspend-passkeys.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import type { Passkey } from '../../broker/ports/authenticators.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { formOf, pathPart, queryOf, requiredText, textField } from '../../http/fields.ts'
import { allowFetch, redirect, sendPage, sendResultPage } from '../../http/respond.ts'
import { confirmPage } from '../account/confirm-page.tsx'
import { type OpenAccountPorts, openAccount, viewerOf } from '../account/open-account.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import { canStepUp, confirmHref } from '../account/step-up/confirm.ts'
import type { Call, PartsOf, Shell } from '../shell.ts'
import { redirectToDestination } from '../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, requireSession } from '../sign-in/current-session.ts'
import { offerPage } from './offer-page.tsx'
import { passkeyPage, passkeysPage } from './passkeys-page.tsx'
import { passkeyPath, passkeysPath } from './paths.ts'

type PasskeyPorts = OpenAccountPorts &
  CurrentSessionPorts &
  Pick<Shell, 'publicUrl'> &
  PartsOf<typeof registerPasskey> &
  PartsOf<typeof removeAuthenticator> &
  PartsOf<typeof mayChangeFactors>
type PasskeyCall = Call<PasskeyPorts>

const notices = {
  added: 'The passkey was created. You can use it from now on.',
  renamed: 'The passkey was renamed.',
  confirmed: 'The passkey is confirmed. You can sign in with it again.',
  removed: 'The passkey was removed. You can no longer use it.',
  again: 'Confirmed. You can change your passkeys now.',
} as const

const noticeHref = (notice: keyof typeof notices) => withQuery(passkeysPath, { notice })

export const readPasskeysQuery = (request: Request) => textField(queryOf(request), 'notice', 32)

export async function showPasskeys(call: PasskeyCall, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, passkeysPath)
  if (account === null) return
  await sendList(call, account.session, Object.entries(notices).find(([name]) => name === notice)?.[1])
}

async function sendList(call: PasskeyCall, session: Session, notice?: string, error?: GatehouseError): Promise<void> {
  const { shell, response } = call
  const { parts } = shell
  const { rpId } = requirePasskeySite(parts)
  const [passkeys, user, isRecent, viewer] = await Promise.all([
    passkeysOf(parts, session),
    parts.users.find(session.tenant, session.userId),
    mayChangeFactors(parts, session),
    viewerOf(shell, session),
  ])
  const tenant = parts.connections.tenant(session.tenant)
  const accepted = passkeys.map(({ credentialId }) => credentialId)
  const html = passkeysPage({
    viewer,
    notice,
    passkeys: passkeys.map(listed),
    signsIn: offersPasskeySignIn(parts, tenant),
    refusal: refusalOf(tenant, 'passkey'),
    signal: user === null ? undefined : { rpId, user: passkeyUserOf(user), accepted },
    ...(!isRecent && { signInAgainHref: await stepUpHref(call, session) }),
    error: error && errorTextOf(error),
    now: parts.now(),
  })
  allowFetch(response)
  sendResultPage(response, html, error)
}

function listed({ aaguid, backedUp, suspendedAt, ...passkey }: Passkey) {
  const model = modelName(aaguid)
  return {
    ...passkey,
    model: model === passkey.name ? undefined : model,
    synced: backedUp,
    suspended: suspendedAt !== undefined,
  }
}

/** URL at which the user proves a factor or signs in again, and returns to `path`. */
async function stepUpHref({ shell: { parts } }: PasskeyCall, session: Session, path = noticeHref('again')) {
  if (await canStepUp(parts, session)) return confirmHref(path)
  return signInAgainHref(session, await signInMethods(parts, session.tenant, session.userId), path)
}

/** Options with a new challenge, as JSON for the page's script. */
export async function sendCreationOptions(call: PasskeyCall): Promise<void> {
  const { parts } = call.shell
  const session = await requireSession(call)
  await assertMayChangeFactors(parts, session)
  const isConditional = textField(formOf(call.request), 'conditional', 5) === 'true'
  call.response.set('cache-control', 'no-store').json(await passkeyCreationOptions(parts, session, isConditional))
}

export function readNewPasskey(request: Request) {
  const form = formOf(request)
  return { response: requiredText(form, 'response', 30_000), returnTo: textField(form, 'return_to') }
}

export async function submitNewPasskey(call: PasskeyCall, form: ReturnType<typeof readNewPasskey>): Promise<void> {
  const { shell, response } = call
  const { parts, publicUrl } = shell
  const session = await requireSession(call)
  const tenant = parts.connections.tenant(session.tenant)
  const destination = form.returnTo === undefined ? undefined : checkReturnUrl(form.returnTo, tenant, publicUrl)
  try {
    await assertMayChangeFactors(parts, session)
    await registerPasskey(parts, session, form.response)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code === 'session_invalid') throw error
    if (destination === undefined) return sendList(call, session, undefined, error)
    allowFetch(response)
    return sendResultPage(response, offerPage({ tenant, returnTo: destination, error: errorTextOf(error) }), error)
  }
  if (destination === undefined) return redirect(response, noticeHref('added'))
  redirectToDestination(call, destination)
}

export async function showPasskey(call: PasskeyCall): Promise<void> {
  const account = await openAccount(call, passkeysPath)
  if (account === null) return
  const passkey = await ownPasskey(call.shell.parts, account.session, pathPart(call.request, 'id'))
  sendPage(call.response, 200, passkeyPage({ viewer: account.viewer, passkey }))
}

export async function submitRename(call: PasskeyCall, form: { readonly name: string }): Promise<void> {
  const session = await requireSession(call)
  const { parts } = call.shell
  const { id } = await ownPasskey(parts, session, pathPart(call.request, 'id'))
  await renameAuthenticator(parts, session, id, form.name)
  redirect(call.response, noticeHref('renamed'))
}

export async function submitConfirmation(call: PasskeyCall): Promise<void> {
  const session = await requireSession(call)
  await assertMayChangeFactors(call.shell.parts, session)
  await confirmPasskey(call.shell.parts, session, pathPart(call.request, 'id'))
  redirect(call.response, noticeHref('confirmed'))
}

export async function showRemoval(call: PasskeyCall): Promise<void> {
  const { parts } = call.shell
  const account = await openAccount(call, passkeysPath)
  if (account === null) return
  const { session, viewer } = account
  const { id, name } = await ownPasskey(parts, session, pathPart(call.request, 'id'))
  const path = passkeyPath(id, 'remove')
  const isRecent = await mayChangeFactors(parts, session)
  const html = confirmPage({
    section: 'security',
    viewer,
    title: `Remove the passkey “${name}”?`,
    label: 'Remove passkey',
    danger: true,
    action: path,
    cancelHref: passkeysPath,
    ...(!isRecent && { signInAgainHref: await stepUpHref(call, session, path) }),
    children: 'You can no longer sign in with it. Where your browser allows it, your password manager forgets it too.',
  })
  sendPage(call.response, 200, html)
}

export async function submitRemoval(call: PasskeyCall): Promise<void> {
  const { parts } = call.shell
  const session = await requireSession(call)
  await assertMayChangeFactors(parts, session)
  const { id } = await ownPasskey(parts, session, pathPart(call.request, 'id'))
  await removeAuthenticator(parts, session, id)
  redirect(call.response, noticeHref('removed'))
}
