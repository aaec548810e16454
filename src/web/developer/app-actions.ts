/** Actions of the forms on an app's pages. */
import type { App } from '../../app/app.ts'
import { type AppFault, AppRefused } from '../../app/draft.ts'
import { revokeSecret, rotateSecret } from '../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../broker/apps/keys.ts'
import { ownApp } from '../../broker/apps/ownership.ts'
import { changeApp, removeApp } from '../../broker/apps/register-app.ts'
import { isLiveSecret } from '../../broker/secrets/client-secret.ts'
import type { Session } from '../../broker/session/session.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { viewerOf } from '../account/open-account.ts'
import type { Call } from '../shell.ts'
import { requireSession } from '../sign-in/current-session.ts'
import { type CredentialProps, removeKeyPage, revokeSecretPage } from './confirm-pages.tsx'
import { type DeveloperAppPorts, renderApp, type ViewState } from './developer-app.ts'
import { type AppFormValues, draftFrom } from './developer-form.ts'
import { keepNewKey } from './new-key.ts'
import { type AppTab, appTabPath, developerPath } from './paths.ts'
import { requireSessionOrRedirect } from './portal.ts'

interface AppCall extends Call<DeveloperAppPorts> {
  readonly session: Session
  readonly id: string
}

/**
 * Changes the app and redirects to the path that `change` returns. If the app is refused, the page
 * `tab` shows the faults and the input.
 */
function appAction<F>(
  tab: AppTab,
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
      await renderApp(call, session, app, { tab, faults, ...showAgain(form, faults) })
    }
  }
}

const noticeAt = (id: string, tab: AppTab, query: string) => `${appTabPath(id, tab)}?notice=${query}`

export const saveApp = appAction<AppFormValues>(
  'settings',
  async ({ shell, session, id }, typed) => {
    await changeApp(shell.parts, session, id, (app) => draftFrom({ ...typed, kind: app.kind }, app))
    return noticeAt(id, 'settings', 'saved')
  },
  (values) => ({ values }),
)

export const submitDeleteApp = appAction<{ readonly confirm: string }>(
  'danger',
  async ({ shell: { parts }, session, id }, { confirm }) => {
    if (confirm.trim() !== (await ownApp(parts, session, id)).name)
      throw new AppRefused([{ field: 'confirm', message: "This isn't the name of the app." }])
    await removeApp(parts, session, id)
    return withQuery(developerPath, { notice: 'deleted' })
  },
)

export const rotateAppSecret = appAction<{ readonly overlap?: string | undefined }>(
  'credentials',
  async ({ shell: { parts }, session, id }, { overlap }) => {
    const isFirst = !(await ownApp(parts, session, id)).secrets.some((secret) => isLiveSecret(secret, parts.now()))
    await rotateSecret(parts, session, id, overlap === undefined ? {} : { overlapSeconds: Number(overlap) })
    const notice = isFirst ? 'firstSecret' : overlap === '0' ? 'onlySecret' : 'secret'
    return noticeAt(id, 'credentials', `${notice}&show=secrets#secrets`)
  },
)

type PageOfCredential = (page: CredentialProps & { readonly app: App }, id: string) => string | undefined

/** The question before a credential of the app ends; the list of credentials if it has ended. */
const questionPage =
  (pageOf: PageOfCredential) =>
  async (call: Call<DeveloperAppPorts>, credential: string): Promise<void> => {
    const { shell, request, response } = call
    const id = pathPart(request, 'id')
    const session = await requireSessionOrRedirect(call, appTabPath(id, 'credentials'))
    if (session === null) return
    const app = await ownApp(shell.parts, session, id)
    const [viewer, uses] = await Promise.all([viewerOf(shell, session), shell.parts.apps.usesOf(id)])
    const page = { viewer, app, lastUsedAt: uses.get(credential), now: shell.parts.now() }
    const html = pageOf(page, credential)
    if (html === undefined) return redirect(response, appTabPath(id, 'credentials'))
    sendPage(response, 200, html)
  }

export const showRevokeSecret = questionPage((page, id) => {
  const secret = page.app.secrets.find((each) => each.id === id)
  return secret && revokeSecretPage({ ...page, secret })
})

export const showRemoveKey = questionPage((page, id) => {
  const appKey = page.app.keys.find((each) => each.id === id)
  return appKey && removeKeyPage({ ...page, appKey })
})

export const revokeAppSecret = appAction<{ readonly secret: string }>(
  'credentials',
  async ({ shell, session, id }, { secret }) => {
    await revokeSecret(shell.parts, session, id, secret)
    return noticeAt(id, 'credentials', 'revoked#secrets')
  },
)

/** Shown again unless it is a private key in place of a public one. */
const withoutPrivateKey = (text: string) => (/PRIVATE KEY|"(d|k|p|q)"\s*:/.test(text) ? '' : text)

export const addAppKey = appAction<{ readonly uploadedName: string; readonly key: string }>(
  'credentials',
  async ({ shell, session, id }, { uploadedName, key }) => {
    await addPublicKey(shell.parts, session, id, { name: uploadedName, text: key })
    return noticeAt(id, 'credentials', 'key#keys')
  },
  ({ uploadedName, key }) => ({ typed: { uploadedName, key: withoutPrivateKey(key) } }),
)

export const addAppKeySet = appAction<{ readonly jwksUrl: string }>(
  'credentials',
  async ({ shell, session, id }, { jwksUrl }) => {
    await addKeySet(shell.parts, session, id, { name: 'Published keys', url: jwksUrl.trim() })
    return noticeAt(id, 'credentials', 'key#keys')
  },
  (typed) => ({ typed }),
)

export const removeAppKey = appAction<{ readonly key: string }>(
  'credentials',
  async ({ shell, session, id }, { key }) => {
    await removeKey(shell.parts, session, id, key)
    return noticeAt(id, 'credentials', 'removed#keys')
  },
)

/** The page that follows shows the private key, once. */
export const createAppKey = appAction<{ readonly madeName: string }>(
  'credentials',
  async (call, { madeName }) => {
    const { session, id } = call
    const { key, privatePem } = await createKeyPair(call.shell.parts, session, id, madeName)
    keepNewKey(call, session, id, { id: key.id, privatePem })
    return `${appTabPath(id, 'credentials')}#keys`
  },
  (typed, faults) => ({ typed, faults: faults.map(({ message }) => ({ field: 'madeName', message })) }),
)

/**
 * The private key that the page shows, as a file: it comes with the form, since it is not stored.
 */
export const downloadKey = appAction<{ readonly key: string; readonly pem: string }>(
  'credentials',
  async ({ shell, response, session, id }, { key, pem }) => {
    await ownApp(shell.parts, session, id)
    response.attachment(`${id}-${key.slice(0, 8).replace(/\W/g, '')}.pem`)
    response
      .set({ 'content-type': 'application/x-pem-file', 'cache-control': 'no-store' })
      .send(pem.replaceAll('\r\n', '\n'))
    return undefined
  },
)
