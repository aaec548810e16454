/** `/developer/apps/{id}`: one app, its secrets and its keys. */
import type { Request } from 'express'
import { type App, canKeepSecret } from '../../app/app.ts'
import { type AppFault, AppRefused } from '../../app/draft.ts'
import { revealSecrets, revokeSecret, rotateSecret } from '../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../broker/apps/keys.ts'
import { ownApp } from '../../broker/apps/ownership.ts'
import { changeApp, removeApp } from '../../broker/apps/register-app.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { isLiveSecret } from '../../broker/secrets/client-secret.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { allowDataImages, redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import { addressesOf } from '../api/apps/app-views.ts'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, requireSession } from '../sign-in/current-session.ts'
import { type AppPageProps, appPage } from './developer-app-page.tsx'
import { type AppFormValues, draftFrom, valuesOf } from './developer-form.ts'
import { snippetOf } from './developer-snippet.ts'
import { appPath, developerPath } from './paths.ts'
import { requireSessionOrRedirect, scopeChoices } from './portal.ts'

export type DeveloperAppPorts = CurrentSessionPorts &
  Pick<Shell, 'publicUrl'> &
  PartsOf<typeof rotateSecret> &
  PartsOf<typeof changeApp> &
  PartsOf<typeof createKeyPair> &
  PartsOf<typeof signInMethods> &
  WithParts<'apis' | 'signingAlgorithms'>

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
interface ViewState extends Partial<Pick<AppPageProps, 'values' | 'faults' | 'typed' | 'notice'>> {
  readonly showSecrets?: boolean
}

export function readAppQuery(request: Request) {
  const query = queryOf(request)
  const word = textField(query, 'notice', 32) ?? ''
  return {
    showSecrets: textField(query, 'show', 32) === 'secrets',
    notice: Object.hasOwn(notices, word) ? notices[word] : undefined,
  }
}

export async function showApp(call: Call<DeveloperAppPorts>, view: ReturnType<typeof readAppQuery>): Promise<void> {
  const id = pathPart(call.request, 'id')
  const session = await requireSessionOrRedirect(call, appPath(id))
  if (session !== null) await renderApp(call, session, await ownApp(call.shell.parts, session, id), view)
}

async function renderApp(
  { shell, response }: Call<DeveloperAppPorts>,
  session: Session,
  app: App,
  { showSecrets = false, ...view }: ViewState,
): Promise<void> {
  const { apis, apps, signingAlgorithms, now } = shell.parts
  const uses = await apps.usesOf(app.id)
  const { issuer, discovery } = addressesOf(shell.publicUrl)
  const { values = valuesOf(app), faults = [], typed, notice } = view
  const html = appPage({
    app,
    apis,
    uses,
    signingAlgorithms,
    values,
    faults,
    typed,
    notice,
    now: now(),
    addresses: [
      ['Client ID', app.id],
      ['Issuer', issuer],
      ['Discovery', discovery],
    ],
    snippet: snippetOf(app, shell.publicUrl, apis),
    scopes: scopeChoices(shell, session.tenant, app),
    secrets: canKeepSecret(app) ? await secretsOf(shell, session, { app, uses, showSecrets }) : undefined,
    supportUrl: shell.tenants.get(session.tenant)?.supportUrl,
    signedIn: signedInOf(session),
  })
  allowDataImages(response)
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}

type SecretsView = Pick<AppPageProps, 'app' | 'uses'> & { readonly showSecrets: boolean }

async function secretsOf({ parts }: DeveloperAppPorts, session: Session, { app, uses, showSecrets }: SecretsView) {
  const live = app.secrets.filter((secret) => isLiveSecret(secret, parts.now()))
  const shown = showSecrets ? await revealSecrets(parts, session, app.id) : []
  const showHref = `${withQuery(appPath(app.id), { show: 'secrets' })}#secrets`
  const isWithheld = shown.some(({ withheld }) => withheld)
  const methods = isWithheld ? await signInMethods(parts, session.tenant, session.userId) : []
  return {
    list: live.map(({ id, createdAt, expiresAt }) => ({
      id,
      createdAt,
      expiresAt,
      lastUsedAt: uses.get(id),
      text: shown.find((each) => each.id === id)?.text,
    })),
    ...(!showSecrets && live.length > 0 && { showHref }),
    ...(isWithheld && { signInAgainHref: signInAgainHref(session, methods, showHref) }),
  }
}

interface AppCall extends Call<DeveloperAppPorts> {
  readonly session: Session
  readonly id: string
}

/**
 * Changes the app and redirects to the path that `change` returns. If the app is refused, its page
 * shows the faults and the input.
 */
function appAction<F>(
  change: (call: AppCall, form: F) => Promise<string | undefined>,
  showAgain: (form: F, faults: readonly AppFault[]) => ViewState = () => ({}),
) {
  return async (call: Call<DeveloperAppPorts>, form: F): Promise<void> => {
    const session = await requireSession(call)
    const id = pathPart(call.request, 'id')
    try {
      const path = await change({ ...call, session, id }, form)
      if (path !== undefined) redirect(call.response, path)
    } catch (error) {
      if (!(error instanceof AppRefused)) throw error
      const { faults } = error
      const app = await ownApp(call.shell.parts, session, id)
      await renderApp(call, session, app, { faults, ...showAgain(form, faults) })
    }
  }
}

const noticeAt = (id: string, query: string) => `${appPath(id)}?notice=${query}`

export const saveApp = appAction<AppFormValues>(
  async ({ shell, session, id }, typed) => {
    await changeApp(shell.parts, session, id, (app) => draftFrom({ ...typed, kind: app.kind }, app))
    return noticeAt(id, 'saved')
  },
  (values) => ({ values }),
)

export const submitDeleteApp = appAction<{ readonly confirm: string }>(
  async ({ shell: { parts }, session, id }, { confirm }) => {
    if (confirm.trim() !== (await ownApp(parts, session, id)).name)
      throw new AppRefused([{ field: 'confirm', message: "This isn't the name of the app." }])
    await removeApp(parts, session, id)
    return withQuery(developerPath, { notice: 'deleted' })
  },
)

export const rotateAppSecret = appAction<{ readonly overlap?: string | undefined }>(
  async ({ shell: { parts }, session, id }, { overlap }) => {
    const isFirst = !(await ownApp(parts, session, id)).secrets.some((secret) => isLiveSecret(secret, parts.now()))
    await rotateSecret(parts, session, id, overlap === undefined ? {} : { overlapSeconds: Number(overlap) })
    return noticeAt(id, `${isFirst ? 'firstSecret' : 'secret'}&show=secrets#secrets`)
  },
)

export const revokeAppSecret = appAction<{ readonly secret: string }>(async ({ shell, session, id }, { secret }) => {
  await revokeSecret(shell.parts, session, id, secret)
  return noticeAt(id, 'revoked#secrets')
})

/** Shown again unless it is a private key in place of a public one. */
const withoutPrivateKey = (text: string) => (/PRIVATE KEY|"(d|k|p|q)"\s*:/.test(text) ? '' : text)

export const addAppKey = appAction<{ readonly uploadedName: string; readonly key: string }>(
  async ({ shell, session, id }, { uploadedName, key }) => {
    await addPublicKey(shell.parts, session, id, { name: uploadedName, text: key })
    return noticeAt(id, 'key#keys')
  },
  ({ uploadedName, key }) => ({ typed: { uploadedName, key: withoutPrivateKey(key) } }),
)

export const addAppKeySet = appAction<{ readonly jwksUrl: string }>(
  async ({ shell, session, id }, { jwksUrl }) => {
    await addKeySet(shell.parts, session, id, { name: 'Published keys', url: jwksUrl.trim() })
    return noticeAt(id, 'key#keys')
  },
  (typed) => ({ typed }),
)

export const removeAppKey = appAction<{ readonly key: string }>(async ({ shell, session, id }, { key }) => {
  await removeKey(shell.parts, session, id, key)
  return noticeAt(id, 'removed#keys')
})

/** Responds with the PEM file: only this response contains the private key. */
export const downloadNewKey = appAction<{ readonly madeName: string }>(
  async ({ shell, response, session, id }, { madeName }) => {
    const { key, privatePem } = await createKeyPair(shell.parts, session, id, madeName)
    response.attachment(`${id}-${key.id.slice(0, 8).replace(/\W/g, '')}.pem`)
    response.set({ 'content-type': 'application/x-pem-file', 'cache-control': 'no-store' }).send(privatePem)
    return undefined
  },
  (typed, faults) => ({ typed, faults: faults.map(({ message }) => ({ field: 'madeName', message })) }),
)
