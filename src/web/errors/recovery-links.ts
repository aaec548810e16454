/** How an error page leads on: the first link is its button. */
import { SsoRequired } from '../../broker/access/sso/assert-sso.ts'
import type { Resume } from '../../broker/ports/volatile.ts'
import { type ErrorCode, errorTable, type GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { type LoginParams, loginHref, loginParamsOf, startHref, toQuery, withQuery } from '../../http/destination.ts'
import type { PageLink } from '../../pages/parts.tsx'
import { methodsHref } from '../account/sign-in-methods/method-notices.ts'
import type { Shell, WithParts } from '../shell.ts'

export type RecoveryPorts = Pick<Shell, 'publicUrl'> & WithParts<'connections'>

/**
 * `retry`: the same connection may work now. `other way`: another connection should be tried first.
 * `other way only`: the same connection would refuse again.
 */
export type Recovery = 'retry' | 'other way' | 'other way only'

const recoveries: Partial<Record<ErrorCode, Recovery>> = {
  callback_invalid: 'other way',
  callback_malformed: 'other way',
  login_connection_mismatch: 'other way',
  upstream_invalid: 'other way',
  upstream_refused: 'other way',
  plugin_failed: 'other way',
  linking_refused: 'other way only',
  method_suspended: 'other way only',
  sso_required: 'other way only',
  user_blocked: 'other way only',
  user_revoked: 'other way only',
  user_unknown: 'other way only',
}

export const recoveryOf = (code: ErrorCode): Recovery => recoveries[code] ?? 'retry'

/** Recovery links of a refused login. */
export function loginRecoveryLinks(
  shell: RecoveryPorts,
  error: GatehouseError,
  resume: Resume | undefined,
  tenant: string | undefined,
): readonly PageLink[] {
  if (resume === undefined) return [{ href: withQuery('/login', { tenant }), label: 'Try again' }]
  if (resume.linkToSession !== undefined) return addingLinks(shell, error, resume)
  const { link, ...elsewhere } = loginParamsOf(resume)
  if (error.code === 'link_mismatch')
    return [{ href: withQuery('/link', { code: link, ...toQuery(elsewhere), again: '1' }), label: 'Back' }]
  // a pending link works in one browser only
  const params = error.code === 'login_other_browser' ? elsewhere : loginParamsOf(resume)
  const app = appHref(shell, error.code, resume)
  const toApp = app === undefined ? [] : [{ href: app, label: 'Return to the app' }]
  const sso = ssoLink(shell, error, { ...params, tenant: resume.tenant })
  if (sso !== undefined) return [sso, { href: loginHref(params), label: 'Back to the sign-in page' }, ...toApp]
  const other = { href: loginHref(params), label: 'Use another way to sign in' }
  const again = {
    href: startHref({ ...params, tenant: resume.tenant }, resume.connection),
    label: error.code === 'login_used' ? 'Continue' : 'Try again',
  }
  const links = { retry: [again, other], 'other way': [other, again], 'other way only': [other] }
  return [...links[recoveryOf(error.code)], ...toApp]
}

/** The connection that `ssoOnly` demands. */
export function ssoLink(
  { parts }: RecoveryPorts,
  error: GatehouseError,
  params: LoginParams & { readonly tenant: string },
): PageLink | undefined {
  if (!(error instanceof SsoRequired) || error.connection === undefined) return undefined
  const label = `Continue with ${connectionLabel(parts.connections, params.tenant, error.connection)}`
  return { href: startHref(params, error.connection), label }
}

/** Recovery links of a login that was to add a sign-in method. */
function addingLinks({ parts }: RecoveryPorts, { code }: GatehouseError, resume: Resume): readonly PageLink[] {
  const back = { href: methodsHref(), label: 'Back to your account' }
  if (code !== 'identity_taken') return [back]
  const { tenant, connection } = resume
  const href = startHref({ tenant, returnTo: '/account' }, connection)
  return [back, { href, label: `Sign in with ${connectionLabel(parts.connections, tenant, connection)} instead` }]
}

/** URL that sends the OAuth error to the app whose request is pending. */
export function appHref(
  { publicUrl }: Pick<RecoveryPorts, 'publicUrl'>,
  code: ErrorCode,
  { returnTo }: Pick<Resume, 'returnTo'>,
): string | undefined {
  const { origin, pathname } = new URL(returnTo, publicUrl)
  const isPending = origin === publicUrl.origin && /^\/consent\/[\w-]+$/.test(pathname)
  return isPending ? withQuery(pathname, { refused: errorTable[code].oauth }) : undefined
}

/** After a cancel at the upstream there is nothing to explain: the user chooses again. */
export function canceledHref({ tenant, connection, ...resume }: Resume, reference: string): string {
  if (resume.linkToSession !== undefined) return methodsHref('canceled', connection)
  const params = loginParamsOf({ tenant, connection, ...resume })
  const prompt = resume.reauthentication === undefined ? undefined : 'login'
  return withQuery('/login', { ...toQuery(params), prompt, notice: 'canceled', connection, reference })
}
