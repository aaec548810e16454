/** `/account/apps`: the apps that a user gave access. */
import type { Request } from 'express'
import { revokeConsent } from '../../../broker/apps/consent.ts'
import { firstPartyGrants } from '../../../broker/apps/first-party-grants.ts'
import { describeScopes } from '../../../broker/apps/scope-descriptions.ts'
import { lastAccesses } from '../../../broker/audit/last-accesses.ts'
import type { Consent } from '../../../broker/ports/durable.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf, WithParts } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { readNotice } from '../notices.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { accountSections } from '../sections.ts'
import { type AccountApp, appsPage, revokeAppPage } from './apps-page.tsx'

export type ConnectedAppsPorts = PartsOf<typeof revokeConsent> &
  PartsOf<typeof firstPartyGrants> &
  WithParts<'apis' | 'appRegistry'>
type AppsPagePorts = ConnectedAppsPorts & OpenAccountPorts & PartsOf<typeof lastAccesses>

const { path } = accountSections.apps

const notices = {
  revoked: 'Access was revoked. The app can no longer use your account.',
  unknown: 'That app has no access to your account.',
}

export const readAppsNotice = (request: Request) => readNotice(request, notices)

const noticeHref = (notice: keyof typeof notices) => withQuery(path, { notice })

export async function showApps(call: Call<AppsPagePorts>, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { parts } = call.shell
  const [apps, accesses] = await Promise.all([
    appsOf(call.shell, account.session),
    lastAccesses(parts, account.session),
  ])
  const shown = apps.map((app) => ({ ...app, lastAccessAt: accesses.get(app.appId) }))
  sendPage(call.response, 200, appsPage({ viewer: account.viewer, apps: shown, notice, now: parts.now() }))
}

export const readAppId = (request: Request) => textField(queryOf(request), 'app', 128) ?? ''

export async function showRevokeApp(call: Call<AppsPagePorts>, id: string): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const app = (await appsOf(call.shell, account.session)).find(({ appId }) => appId === id)
  if (app === undefined) return redirect(call.response, noticeHref('unknown'))
  sendPage(call.response, 200, revokeAppPage({ viewer: account.viewer, app }))
}

export async function appsOf(
  shell: ConnectedAppsPorts,
  user: UserKey,
): Promise<readonly (AccountApp & Pick<Consent, 'scopes'>)[]> {
  const apps = (await consentsOf(shell, user)).map(async (consent) => ({
    ...consent,
    name: await appNameOf(shell, consent.appId),
    sentences: describeScopes(consent.scopes, shell.parts.apis).map(({ sentence }) => sentence),
  }))
  return Promise.all(apps)
}

export async function revokeApp(call: Call<AppsPagePorts>, form: { readonly app: string }): Promise<void> {
  const ended = await revokeConsent(call.shell.parts, await requireSession(call), form.app)
  redirect(call.response, noticeHref(ended ? 'revoked' : 'unknown'))
}

interface AppConsent extends Consent {
  /** The organization's own app, which the user was not asked about. */
  readonly firstParty?: true
}

/** Consents, newest first; then grants of first-party apps, which have none. */
export async function consentsOf({ parts }: ConnectedAppsPorts, { tenant, userId }: UserKey): Promise<AppConsent[]> {
  const [consents, grants] = await Promise.all([
    parts.consents.ofUser(tenant, userId),
    firstPartyGrants(parts, { tenant, userId }),
  ])
  const withConsent = consents.map((consent) => {
    const grant = grants.find(({ appId }) => appId === consent.appId)
    const scopes = [...new Set([...consent.scopes, ...(grant?.scopes ?? [])])]
    return grant === undefined ? consent : { ...consent, scopes, firstParty: true as const }
  })
  const without = grants.filter(({ appId }) => !consents.some((consent) => consent.appId === appId))
  return [...withConsent, ...without.map((grant) => ({ ...grant, firstParty: true as const }))]
}

export async function appNameOf(shell: ConnectedAppsPorts, appId: string): Promise<string> {
  return (await shell.parts.appRegistry.find(appId))?.name ?? `An app that is gone (${appId})`
}
