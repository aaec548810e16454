/** `/account/sign-in-methods`: what the user signs in with. */
import type { Request } from 'express'
import { firstUses } from '../../../broker/identity/account/first-uses.ts'
import { browserFor } from '../../../http/browser.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'
import { type OpenAccountPorts, type OpenedAccount, openAccount } from '../open-account.ts'
import { accountSections } from '../sections.ts'
import { signInMethodsOf } from '../sign-in-methods.ts'
import { methodNoticeText, methodsHref, type readMethodNotice } from './method-notices.ts'
import { removeMethodPage, signInMethodsPage } from './methods-page.tsx'

type MethodsPorts = OpenAccountPorts & PartsOf<typeof firstUses> & Pick<Shell, 'brandStyles'>

const { path } = accountSections['sign-in-methods']

export async function showMethods(call: Call<MethodsPorts>, query: ReturnType<typeof readMethodNotice>): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { shell, response } = call
  const html = signInMethodsPage({
    ...(await methodsOf(call, account)),
    viewer: account.viewer,
    notice: methodNoticeText(shell, account.session.tenant, query),
    brandStyles: shell.brandStyles.path,
    now: shell.parts.now(),
  })
  sendPage(response, 200, html)
}

async function methodsOf(call: Call<MethodsPorts>, { session }: OpenedAccount) {
  const { shell } = call
  const { parts } = shell
  const { tenant, userId } = session
  const [user, identities, first] = await Promise.all([
    parts.users.find(tenant, userId),
    parts.users.identitiesOf(tenant, userId),
    firstUses(parts, { tenant, id: userId }),
  ])
  const browser = browserFor(parts.connections.tenant(tenant), call)
  return signInMethodsOf(shell, session, { user, identities, browser }, first)
}

export const readIdentity = (request: Request) => textField(queryOf(request), 'identity', 64) ?? ''

export async function showRemoveMethod(call: Call<MethodsPorts>, id: string): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { identities, signInAgainHref } = await methodsOf(call, account)
  const identity = identities.find((each) => each.id === id)
  if (identity === undefined) return redirect(call.response, methodsHref('unknown'))
  sendPage(call.response, 200, removeMethodPage({ viewer: account.viewer, identity, signInAgainHref }))
}
