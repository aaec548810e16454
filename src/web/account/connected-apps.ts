/** The apps that a user gave access. */
import { withdrawConsent } from '../../broker/apps/consent.ts'
import { firstPartyGrants } from '../../broker/apps/first-party-grants.ts'
import { describeScopes } from '../../broker/apps/scope-descriptions.ts'
import type { Consent } from '../../broker/ports/durable.ts'
import type { Session } from '../../broker/session/session.ts'
import { redirect } from '../../http/respond.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, requireSession } from '../sign-in/current-session.ts'
import type { AccountApp } from './connected-apps-section.tsx'
import { accountHref } from './sign-in-methods.ts'

export type ConnectedAppsPorts = CurrentSessionPorts &
  PartsOf<typeof withdrawConsent> &
  PartsOf<typeof firstPartyGrants> &
  WithParts<'apis' | 'appRegistry'>

export async function appsOf(shell: ConnectedAppsPorts, session: Session): Promise<readonly AccountApp[]> {
  const apps = (await consentsOf(shell, session)).map(async (consent) => ({
    ...consent,
    name: await appNameOf(shell, consent.appId),
    sentences: describeScopes(consent.scopes, shell.parts.apis).map(({ sentence }) => sentence),
  }))
  return Promise.all(apps)
}

export async function revokeApp(call: Call<ConnectedAppsPorts>, form: { readonly app: string }): Promise<void> {
  await withdrawConsent(call.shell.parts, await requireSession(call), form.app)
  redirect(call.response, accountHref('revoked'))
}

interface AppConsent extends Consent {
  /** The organization's own app, which the user was not asked about. */
  readonly firstParty?: true
}

/** Consents, newest first; then grants of first-party apps, which have none. */
export async function consentsOf(
  { parts }: ConnectedAppsPorts,
  { tenant, userId }: Pick<Session, 'tenant' | 'userId'>,
): Promise<AppConsent[]> {
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
