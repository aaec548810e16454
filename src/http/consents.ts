/** The apps a person let in: the section of their page, and the same for programs. */
import type { Request, Response } from 'express'
import { withdrawConsent } from '../broker/consent.ts'
import type { Consent } from '../broker/ports.ts'
import { scopesInWords } from '../broker/scopes.ts'
import type { Session } from '../broker/session.ts'
import { GatehouseError } from '../errors.ts'
import type { AccountApps } from '../pages/account-page.tsx'
import { requireSignIn } from './account.ts'
import { caller, sendJson } from './api.ts'
import { formOf, pathPart, requiredText } from './fields.ts'
import { goTo } from './send-page.ts'
import type { Shell } from './shell.ts'
import { accountHref } from './ways.ts'

export async function appsOf(shell: Shell, { tenant, userId }: Session): Promise<AccountApps> {
  const consents = await shell.parts.consents.ofUser(tenant, userId)
  const list = await Promise.all(
    consents.map(async ({ appId, scopes, firstGivenAt, givenAt }) => ({
      ...{ id: appId, name: await nameOf(shell, appId), firstGivenAt, givenAt },
      sentences: scopesInWords(scopes, shell.parts.apis).map(({ sentence }) => sentence),
    })),
  )
  return { list, revoke: '/account/apps/revoke' }
}

export async function revokeApp(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await requireSignIn(shell, request)
  await withdrawConsent(shell.parts, session, requiredText(formOf(request), 'app', 128))
  goTo(response, accountHref('revoked'))
}

/** `GET /api/v1/consents`: newest first. */
export async function listConsents(shell: Shell, request: Request, response: Response): Promise<void> {
  const { tenant, userId } = await caller(shell, request)
  const consents = await shell.parts.consents.ofUser(tenant, userId)
  sendJson(response, 200, { consents: await Promise.all(consents.map((consent) => consentView(shell, consent))) })
}

/** `DELETE /api/v1/consents/{appId}`: the app's tokens of this person end at once. */
export async function withdrawListedConsent(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  if (!(await withdrawConsent(shell.parts, session, pathPart(request, 'appId'))))
    throw new GatehouseError('not_found', 'this user gave no such app a consent')
  response.status(204).end()
}

async function consentView(shell: Shell, { appId, scopes, firstGivenAt, givenAt }: Consent) {
  return { app: { id: appId, name: await nameOf(shell, appId) }, scopes, firstGivenAt, givenAt }
}

async function nameOf(shell: Shell, appId: string): Promise<string> {
  return (await shell.parts.appRegistry.find(appId))?.name ?? `An app that is gone (${appId})`
}
