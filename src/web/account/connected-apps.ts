/** The apps a person let in: the section of their page, and the same for programs. */
import type { Request, Response } from 'express'
import { withdrawConsent } from '../../broker/apps/consent.ts'
import { firstPartyGrants } from '../../broker/apps/first-party-grants.ts'
import { describeScopes } from '../../broker/apps/scope-descriptions.ts'
import type { Consent } from '../../broker/ports/consents.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { formOf, pathPart, requiredText } from '../../http/fields.ts'
import { redirect } from '../../http/respond.ts'
import { caller, sendJson } from '../api/sessions.ts'
import type { Shell } from '../shell.ts'
import { requireSignIn } from './account.ts'
import type { AccountApps } from './account-page.tsx'
import { accountHref } from './sign-in-methods.ts'

export async function appsOf(shell: Shell, { tenant, userId }: Session): Promise<AccountApps> {
  const list = await Promise.all(
    (await consentsOf(shell, { tenant, userId })).map(async ({ appId, scopes, firstGivenAt, givenAt, firstParty }) => ({
      ...{ id: appId, name: await nameOf(shell, appId), firstGivenAt, givenAt },
      ...(firstParty && { firstParty }),
      sentences: describeScopes(scopes, shell.parts.apis).map(({ sentence }) => sentence),
    })),
  )
  return { list, revoke: '/account/apps/revoke' }
}

export async function revokeApp(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await requireSignIn(shell, request)
  await withdrawConsent(shell.parts, session, requiredText(formOf(request), 'app', 128))
  redirect(response, accountHref('revoked'))
}

/** `GET /api/v1/consents`: newest first. */
export async function listConsents(shell: Shell, request: Request, response: Response): Promise<void> {
  const { tenant, userId } = await caller(shell, request)
  const consents = await consentsOf(shell, { tenant, userId })
  sendJson(response, 200, { consents: await Promise.all(consents.map((consent) => consentView(shell, consent))) })
}

/** `DELETE /api/v1/consents/{appId}`: the app's tokens of this person end at once. */
export async function deleteConsent(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  if (!(await withdrawConsent(shell.parts, session, pathPart(request, 'appId'))))
    throw new GatehouseError('not_found', 'this user gave no such app a consent')
  response.status(204).end()
}

interface AppConsent extends Consent {
  /** The organization's own app, which the user was not asked about. */
  readonly firstParty?: true
}

/** Consents, newest first; then grants of first-party apps, which have none. */
async function consentsOf(
  { parts }: Shell,
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

async function consentView(shell: Shell, { appId, scopes, firstGivenAt, givenAt, firstParty }: AppConsent) {
  const app = { id: appId, name: await nameOf(shell, appId) }
  return { app, scopes, firstGivenAt, givenAt, ...(firstParty && { firstParty }) }
}

async function nameOf(shell: Shell, appId: string): Promise<string> {
  return (await shell.parts.appRegistry.find(appId))?.name ?? `An app that is gone (${appId})`
}
