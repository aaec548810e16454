/** Shows Developer settings. */
import type { Request } from 'express'
import { grantedRoles } from '../../../broker/access/authorize.ts'
import type { Role } from '../../../broker/access/permission.ts'
import { namesOf } from '../../../broker/access/roles-of.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import type { Session } from '../../../broker/session/session.ts'
import { mayIssue } from '../../../broker/tokens/create-token.ts'
import { listTokens } from '../../../broker/tokens/own-tokens.ts'
import { errorTable } from '../../../errors.ts'
import { pageNumber, queryOf, textField } from '../../../http/fields.ts'
import { sendPage } from '../../../http/respond.ts'
import { tokenPolicyOf } from '../../../tenant.ts'
import type { PageFault } from '../../developer/developer-fields.tsx'
import { developerPath } from '../../developer/paths.ts'
import type { Call, PartsOf } from '../../shell.ts'
import type { CurrentSessionPorts } from '../../sign-in/current-session.ts'
import { openAccount, viewerWith } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { takeNewToken } from './new-token.ts'
import { settingsPath } from './paths.ts'
import { type SecretPorts, secretsOf } from './secrets.ts'
import { settingsPage } from './settings-page.tsx'
import { tokenBadges } from './token-badges.ts'
import { expiryChoices, type TokenFormProps, type TokenFormValues, tokenForm } from './token-form.tsx'
import { scopeChoices } from './token-scopes.ts'

export type SettingsPorts = CurrentSessionPorts &
  SecretPorts &
  PartsOf<typeof listTokens> &
  PartsOf<typeof grantedRoles> &
  PartsOf<typeof signInMethods>

const notices: Readonly<Record<string, string>> = {
  created: 'The token was created and shown once. It cannot be shown again.',
  rotated: 'The token was rotated. The new one was shown once and cannot be shown again.',
  confirmed: 'The token works again.',
  revoked: 'The token was revoked.',
  'all-revoked': 'All API tokens were revoked.',
  'secret-created': 'The secret was created.',
  'secret-rotated': 'The secret was rotated.',
  'secret-revoked': 'The secret was revoked.',
  again: 'Confirmed. You can continue.',
}

export function readSettingsQuery(request: Request) {
  const query = queryOf(request)
  const word = textField(query, 'notice', 32) ?? ''
  return {
    pageNumber: pageNumber(query, 'page'),
    showsSecret: textField(query, 'show', 32) === 'secret',
    notice: Object.hasOwn(notices, word) ? notices[word] : undefined,
  }
}

export async function showSettings(
  call: Call<SettingsPorts>,
  query: ReturnType<typeof readSettingsQuery>,
): Promise<void> {
  const account = await openAccount(call, settingsPath)
  if (account !== null) await renderSettings(call, account.session, query)
}

/** How the page differs from its plain view. */
interface SettingsView extends Partial<ReturnType<typeof readSettingsQuery>> {
  readonly values?: TokenFormValues
  readonly faults?: readonly PageFault[]
}

export async function renderSettings(
  call: Call<SettingsPorts>,
  session: Session,
  { pageNumber = 1, showsSecret = false, notice, values, faults = [] }: SettingsView,
): Promise<void> {
  const { shell, response } = call
  const { parts } = shell
  const tenant = parts.connections.tenant(session.tenant)
  const { rotateAfterSeconds } = tokenPolicyOf(tenant)
  const [tokens, granted] = await Promise.all([listTokens(parts, session), grantedRoles(parts, session)])
  const roles = namesOf(granted)
  const now = parts.now()
  const form = await formOf(shell, session, { roles, values, faults })
  const secret = await secretsOf(shell, session, { roles, showsSecret })
  // last: it can be shown once, and the reads may fail
  const newToken = takeNewToken(call, session)
  const html = settingsPage({
    viewer: viewerWith(tenant, session, roles),
    portalHref: roles.includes('developer') ? developerPath : undefined,
    notice: newToken === undefined ? notice : undefined,
    newToken,
    tokens: tokens.map((token) => ({ ...token, badges: tokenBadges(token, rotateAfterSeconds, now) })),
    pageNumber,
    form,
    secret,
    now,
  })
  sendPage(response, faults.length === 0 ? 200 : errorTable.token_invalid.status, html)
}

/** Lifetime of a new token, unless the user chooses another. */
const defaultDays = 90

interface FormOf {
  readonly values: TokenFormValues | undefined
  readonly roles: readonly Role[]
  readonly faults: readonly PageFault[]
}

/** 90 days are chosen, or the tenant's maximum if that is shorter. */
async function formOf(
  { parts }: SettingsPorts,
  session: Session,
  { roles, values, faults }: FormOf,
): Promise<TokenFormProps> {
  const { maxLifetimeSeconds } = tokenPolicyOf(parts.connections.tenant(session.tenant))
  const needsSignIn = !(await mayIssue(parts, session, maxLifetimeSeconds * 1000))
  const methods = needsSignIn ? await signInMethods(parts, session.tenant, session.userId) : []
  return {
    values:
      values ?? tokenForm.parse({ expires: maxLifetimeSeconds > defaultDays * 86_400 ? `${defaultDays}` : 'max' }),
    faults,
    expiries: expiryChoices(maxLifetimeSeconds, parts.now()),
    scopes: scopeChoices(roles),
    ...(needsSignIn && {
      signInAgainHref: signInAgainHref(session, methods, `${settingsPath}?notice=again#new-token`),
    }),
  }
}
