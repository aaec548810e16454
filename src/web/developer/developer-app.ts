/** `/developer/apps/{id}`: one app, its secrets and its keys. */
import type { Request, Response } from 'express'
import { type Api, type App, canKeepSecret, mayAskFor, mayCallAsItself } from '../../app/app.ts'
import { AppRefused } from '../../app/draft.ts'
import { possibleGrants } from '../../app/settings-faults.ts'
import { isLiveSecret, revealSecrets, revokeSecret, rotateSecret } from '../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../broker/apps/keys.ts'
import { ownApp } from '../../broker/apps/ownership.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { allowDataImages, redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import { addressesOf } from '../api/app-views.ts'
import type { Shell, WithParts } from '../shell.ts'
import { requireSession } from '../sign-in/current-session.ts'
import type { AppFormValues } from './developer-app-form.tsx'
import { type AppPageProps, appPage } from './developer-app-page.tsx'
import type { PageFault } from './developer-fields.tsx'
import { valuesOf } from './developer-form.ts'
import { snippetOf } from './developer-snippet.ts'
import {
  appPath,
  developerPath,
  kindLabel,
  type PortalPathsPorts,
  requireSessionOrRedirect,
  scopeChoices,
} from './portal-paths.ts'

export type DeveloperAppPorts = PortalPathsPorts &
  Pick<Shell, 'publicUrl'> &
  WithParts<
    | 'appLogos'
    | 'appRegistry'
    | 'apps'
    | 'audit'
    | 'connections'
    | 'consents'
    | 'keyRing'
    | 'publicUrl'
    | 'random'
    | 'signingAlgorithms'
    | 'users'
  >

const notices: Readonly<Record<string, string>> = {
  registered: 'App registered. Next: create a client secret or add a key if the app has a server.',
  saved: 'Saved. The changes apply immediately.',
  secret: 'Secret created. Copy it to your server. The previous secret stays valid for the time you chose.',
  firstSecret: 'Secret created. Copy it from below to your server.',
  revoked: 'The secret was revoked.',
  key: 'The key was added. You can use it immediately.',
  removed: 'The key was removed.',
}

/** How a page of an app differs from its plain view. */
interface ViewState {
  readonly values?: AppFormValues
  readonly faults?: readonly PageFault[]
  readonly typed?: Readonly<Record<string, string>>
  readonly showSecrets?: boolean
  readonly notice?: string | undefined
}

export async function showApp(shell: DeveloperAppPorts, request: Request, response: Response): Promise<void> {
  const id = pathPart(request, 'id')
  const session = await requireSessionOrRedirect(shell, request, response, appPath(id))
  if (session === null) return
  const query = queryOf(request)
  const word = textField(query, 'notice', 32) ?? ''
  await renderApp(shell, response, session, await ownApp(shell.parts, session, id), {
    showSecrets: textField(query, 'show', 32) === 'secrets',
    notice: Object.hasOwn(notices, word) ? notices[word] : undefined,
  })
}

export async function renderApp(
  shell: DeveloperAppPorts,
  response: Response,
  session: Session,
  app: App,
  { values = valuesOf(app), faults = [], typed, showSecrets = false, notice }: ViewState,
): Promise<void> {
  const uses = await shell.parts.apps.usesOf(app.id)
  const { issuer, discovery } = addressesOf(shell.publicUrl)
  const html = appPage({
    app: {
      id: app.id,
      name: app.name,
      logoUri: app.logoUri,
      kindLabel: kindLabel(app),
      isService: app.kind === 'service',
      isDisabled: app.disabledAt !== undefined,
    },
    closedApis: unavailableApisOf(app, shell.parts.apis),
    addresses: [
      ['Client ID', app.id],
      ['Issuer', issuer],
      ['Discovery', discovery],
    ],
    snippet: snippetOf(app, shell.publicUrl, shell.parts.apis),
    ...{ values, faults, typed, notice, scopes: scopeChoices(shell, session.tenant, app) },
    secrets: canKeepSecret(app) ? await secretsOf(shell, session, app, uses, showSecrets) : undefined,
    keys: app.keys.map(({ id, name, source, createdAt }) => ({
      ...{ id, name, createdAt, lastUsedAt: uses.get(id) },
      jwksUrl: source.kind === 'jwks' ? source.url : undefined,
    })),
    possibleGrants: possibleGrants[app.kind],
    signingAlgorithms: shell.parts.signingAlgorithms,
    path: appPath(app.id),
    backHref: developerPath,
    now: shell.parts.now(),
    ...{ supportUrl: shell.tenants.get(session.tenant)?.supportUrl, signedIn: signedInOf(session) },
  })
  allowDataImages(response)
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}

/** No consent opens them to the app: an operator has to. */
function unavailableApisOf(app: App, apis: readonly Api[]): NonNullable<AppPageProps['closedApis']> {
  return apis
    .filter((api) => !(app.kind === 'service' ? mayCallAsItself(app, api) : mayAskFor(app, api)))
    .map(({ name, scopes }) => ({ name, scopes: app.scopes.filter((scope) => Object.hasOwn(scopes, scope)) }))
    .filter(({ scopes }) => scopes.length > 0)
}

async function secretsOf(
  shell: DeveloperAppPorts,
  session: Session,
  app: App,
  uses: ReadonlyMap<string, Date>,
  show: boolean,
): Promise<NonNullable<AppPageProps['secrets']>> {
  const live = app.secrets.filter((secret) => isLiveSecret(secret, shell.parts.now()))
  const shown = show ? await revealSecrets(shell.parts, session, app.id) : []
  const list = live.map(({ id, createdAt, expiresAt }) => ({
    ...{ id, createdAt, expiresAt, lastUsedAt: uses.get(id) },
    text: shown.find((each) => each.id === id)?.text,
  }))
  const showHref = `${withQuery(appPath(app.id), { show: 'secrets' })}#secrets`
  const isWithheld = shown.some(({ withheld }) => withheld)
  return {
    list,
    ...(!show && live.length > 0 && { showHref }),
    ...(isWithheld && {
      signInAgainHref: signInAgainHref(
        session,
        await signInMethods(shell.parts, session.tenant, session.userId),
        showHref,
      ),
    }),
  }
}

type Change<F> = (shell: DeveloperAppPorts, session: Session, id: string, form: F) => Promise<string>

/** Changes the app and redirects to its page, or shows the page with the faults and the input. */
function appAction<F extends Readonly<Record<string, string | undefined>>>(
  change: Change<F>,
  echoed: readonly (keyof F & string)[] = [],
) {
  return async (shell: DeveloperAppPorts, request: Request, response: Response, form: F): Promise<void> => {
    const session = await requireSession(shell, request)
    const id = pathPart(request, 'id')
    try {
      redirect(response, `${appPath(id)}?${await change(shell, session, id, form)}`)
    } catch (error) {
      if (!(error instanceof AppRefused)) throw error
      const typed = Object.fromEntries(echoed.map((name) => [name, echoable(form[name] ?? '')]))
      const app = await ownApp(shell.parts, session, id)
      await renderApp(shell, response, session, app, { faults: error.faults, typed })
    }
  }
}

/** The input to show again, unless it is a private key in place of a public one. */
function echoable(text: string): string {
  return /PRIVATE KEY|"(d|k|p|q)"\s*:/.test(text) ? '' : text
}

export const rotateAppSecret = appAction<{ readonly overlap?: string | undefined }>(
  async ({ parts }, session, id, { overlap }) => {
    const isFirst = !(await ownApp(parts, session, id)).secrets.some((secret) => isLiveSecret(secret, parts.now()))
    await rotateSecret(parts, session, id, overlap === undefined ? undefined : Number(overlap))
    return `notice=${isFirst ? 'firstSecret' : 'secret'}&show=secrets#secrets`
  },
)

export const revokeAppSecret = appAction<{ readonly secret: string }>(async ({ parts }, session, id, { secret }) => {
  await revokeSecret(parts, session, id, secret)
  return 'notice=revoked#secrets'
})

export const addAppKey = appAction<{ readonly uploadedName: string; readonly key: string }>(
  async ({ parts }, session, id, { uploadedName, key }) => {
    await addPublicKey(parts, session, id, { name: uploadedName, text: key })
    return 'notice=key#keys'
  },
  ['uploadedName', 'key'],
)

export const addAppKeySet = appAction<{ readonly jwksUrl: string }>(
  async ({ parts }, session, id, { jwksUrl }) => {
    await addKeySet(parts, session, id, { name: 'Published keys', url: jwksUrl.trim() })
    return 'notice=key#keys'
  },
  ['jwksUrl'],
)

export const removeAppKey = appAction<{ readonly key: string }>(async ({ parts }, session, id, { key }) => {
  await removeKey(parts, session, id, key)
  return 'notice=removed#keys'
})

/** Responds with the PEM file: only this response contains the private key. */
export async function downloadNewKey(
  shell: DeveloperAppPorts,
  request: Request,
  response: Response,
  { madeName: name }: { readonly madeName: string },
): Promise<void> {
  const session = await requireSession(shell, request)
  const id = pathPart(request, 'id')
  try {
    const { key, privatePem } = await createKeyPair(shell.parts, session, id, name)
    response.attachment(`${id}-${key.id.slice(0, 8).replace(/\W/g, '')}.pem`)
    response.set({ 'content-type': 'application/x-pem-file', 'cache-control': 'no-store' }).send(privatePem)
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error
    const faults = error.faults.map(({ message }) => ({ field: 'madeName', message }))
    await renderApp(shell, response, session, await ownApp(shell.parts, session, id), {
      faults,
      typed: { madeName: name },
    })
  }
}
