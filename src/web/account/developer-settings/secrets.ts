/** The client secret of the developer in Developer settings. */
import type { Role } from '../../../broker/access/permission.ts'
import { isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import {
  createDeveloperSecret,
  liveSecrets,
  revealDeveloperSecrets,
  revokeDeveloperSecret,
  rotateDeveloperSecret,
} from '../../../broker/secrets/developer-secrets.ts'
import type { Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { type CurrentSessionPorts, requireSession } from '../../sign-in/current-session.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { revokePage, rotatePage } from './confirm-pages.tsx'
import { secretPath, settingsPath } from './paths.ts'
import { type SecretSectionProps, showSecretHref } from './secret-section.tsx'

export type SecretPorts = CurrentSessionPorts &
  PartsOf<typeof createDeveloperSecret> &
  PartsOf<typeof revealDeveloperSecrets>
type SecretCall = Call<SecretPorts & OpenAccountPorts>

const noticeHref = (notice: string, show = '') => `${settingsPath}?notice=${notice}${show}#secret`

interface SecretView {
  readonly roles: readonly Role[]
  readonly showsSecret: boolean
}

/** Undefined for a user who is no developer and has none. */
export async function secretsOf(
  { parts }: SecretPorts,
  session: Session,
  { roles, showsSecret }: SecretView,
): Promise<Omit<SecretSectionProps, 'now'> | undefined> {
  const mayChange = roles.includes('developer')
  if (showsSecret) return shownSecrets(parts, session, mayChange)
  const secrets = await liveSecrets(parts, session)
  if (secrets.length === 0 && !mayChange) return undefined
  const needsSignIn = secrets.length > 0 && !(await isFresh(parts, session))
  const href = needsSignIn ? await signInHref(parts, session) : showSecretHref
  return { secrets: secrets.map(withoutText), mayChange, show: { href, needsSignIn } }
}

type SecretParts = SecretPorts['parts']

const withoutText = ({ id, createdAt, expiresAt, lastUsedAt }: SecretSectionProps['secrets'][number]) => {
  return { id, createdAt, expiresAt, lastUsedAt }
}

async function shownSecrets(parts: SecretParts, session: Session, mayChange: boolean) {
  const secrets = await revealDeveloperSecrets(parts, session)
  const isWithheld = secrets.some(({ withheld }) => withheld)
  const show = isWithheld ? { href: await signInHref(parts, session), needsSignIn: true } : undefined
  return { secrets, mayChange, show }
}

async function signInHref(parts: SecretParts, session: Session): Promise<string> {
  const methods = await signInMethods(parts, session.tenant, session.userId)
  return signInAgainHref(session, methods, showSecretHref)
}

/** Null after a redirect to the sign-in page. Throws `secret_unknown`. */
async function readConfirmation(call: SecretCall) {
  const { parts } = call.shell
  const account = await openAccount(call, settingsPath)
  if (account === null) return null
  const id = pathPart(call.request, 'id')
  if (!(await liveSecrets(parts, account.session)).some((secret) => secret.id === id))
    throw new GatehouseError('secret_unknown', 'no such secret of this developer')
  return { id, viewer: account.viewer, object: 'your client secret' }
}

export async function showRotateSecret(call: SecretCall): Promise<void> {
  const confirmation = await readConfirmation(call)
  if (confirmation === null) return
  const action = secretPath(confirmation.id, 'rotate')
  sendPage(call.response, 200, rotatePage({ ...confirmation, action, kind: 'secret' }))
}

export async function showRevokeSecret(call: SecretCall): Promise<void> {
  const confirmation = await readConfirmation(call)
  if (confirmation === null) return
  sendPage(call.response, 200, revokePage({ ...confirmation, action: secretPath(confirmation.id, 'revoke') }))
}

export async function submitNewSecret(call: SecretCall): Promise<void> {
  await createDeveloperSecret(call.shell.parts, await requireSession(call))
  redirect(call.response, noticeHref('secret-created', '&show=secret'))
}

export async function submitRotateSecret(call: SecretCall, form: { readonly overlap: string }): Promise<void> {
  const rotation = { replaces: pathPart(call.request, 'id'), overlapSeconds: Number(form.overlap) }
  await rotateDeveloperSecret(call.shell.parts, await requireSession(call), rotation)
  redirect(call.response, noticeHref('secret-rotated', '&show=secret'))
}

export async function submitRevokeSecret(call: SecretCall): Promise<void> {
  await revokeDeveloperSecret(call.shell.parts, await requireSession(call), pathPart(call.request, 'id'))
  redirect(call.response, noticeHref('secret-revoked'))
}
