/** `/developer/apps/{id}` and below: shows the pages of one app. */
import type { Request } from 'express'
import { type App, canKeepSecret } from '../../app/app.ts'
import { revealSecrets, type rotateSecret } from '../../broker/apps/client-secrets.ts'
import type { createKeyPair } from '../../broker/apps/keys.ts'
import { ownApp } from '../../broker/apps/ownership.ts'
import type { changeApp } from '../../broker/apps/register-app.ts'
import { signInStatistics } from '../../broker/apps/sign-in-statistics.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { isLiveSecret } from '../../broker/secrets/client-secret.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { sendPage } from '../../http/respond.ts'
import { type OpenAccountPorts, viewerOf } from '../account/open-account.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import { addressesOf } from '../api/apps/app-views.ts'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { type AppPageProps, appPage } from './developer-app-page.tsx'
import { valuesOf } from './developer-form.ts'
import { takeNewKey } from './new-key.ts'
import { type AppTab, appTabPath } from './paths.ts'
import { requireSessionOrRedirect, scopeChoices } from './portal.ts'
import { snippetOf } from './snippets/snippet.ts'

export type DeveloperAppPorts = OpenAccountPorts &
  Pick<Shell, 'cookie' | 'keyRing' | 'publicUrl'> &
  PartsOf<typeof rotateSecret> &
  PartsOf<typeof changeApp> &
  PartsOf<typeof createKeyPair> &
  PartsOf<typeof signInMethods> &
  PartsOf<typeof signInStatistics> &
  WithParts<'apis' | 'signingAlgorithms'>

const notices: Readonly<Record<string, string>> = {
  registered: 'App registered.',
  saved: 'Saved. The changes apply immediately.',
  onlySecret: 'Secret created. Copy it to your server. The previous secret no longer works.',
  secret: 'Secret created. Copy it to your server. The previous secret stays valid for the time you chose.',
  firstSecret: 'Secret created. Copy it from below to your server.',
  revoked: 'The secret was revoked.',
  key: 'The key was added. You can use it immediately.',
  removed: 'The key was removed.',
}

/** How a page of an app differs from its plain view. */
export interface ViewState extends Partial<Pick<AppPageProps, 'values' | 'faults' | 'typed' | 'notice'>> {
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

/** The handler of one tab. */
export const showApp =
  (tab: AppTab) =>
  async (call: Call<DeveloperAppPorts>, view: ReturnType<typeof readAppQuery>): Promise<void> => {
    const id = pathPart(call.request, 'id')
    const session = await requireSessionOrRedirect(call, appTabPath(id, tab))
    if (session !== null) await renderApp(call, session, await ownApp(call.shell.parts, session, id), { ...view, tab })
  }

export async function renderApp(
  call: Call<DeveloperAppPorts>,
  session: Session,
  app: App,
  { tab, showSecrets = false, ...view }: ViewState & { readonly tab: AppTab },
): Promise<void> {
  const { shell, response } = call
  const { apis, apps, signingAlgorithms, now } = shell.parts
  const [uses, days, viewer] = await Promise.all([
    apps.usesOf(app.id),
    signInStatistics(shell.parts, app.id),
    viewerOf(shell, session),
  ])
  const { issuer, discovery } = addressesOf(shell.publicUrl)
  const { values = valuesOf(app), faults = [], typed, notice } = view
  const secrets = canKeepSecret(app) ? await secretsOf(shell, session, { app, uses, showSecrets }) : undefined
  // last: it can be shown once, and the reads may fail
  const newKey = tab === 'credentials' ? takeNewKey(call, session, app) : undefined
  const html = appPage({
    ...{ tab, viewer, app, apis, uses, signingAlgorithms, values, faults, typed, notice, secrets, newKey },
    now: now(),
    signIns: days.reduce((sum, { signIns }) => sum + signIns, 0),
    addresses: [
      ['Client ID', app.id],
      ['Issuer', issuer],
      ['Discovery', discovery],
    ],
    snippet: snippetOf(app, shell.publicUrl, apis),
    scopes: scopeChoices(shell, session.tenant, app),
  })
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}

type SecretsView = Pick<AppPageProps, 'app' | 'uses'> & { readonly showSecrets: boolean }

async function secretsOf({ parts }: DeveloperAppPorts, session: Session, { app, uses, showSecrets }: SecretsView) {
  const live = app.secrets.filter((secret) => isLiveSecret(secret, parts.now()))
  const shown = showSecrets ? await revealSecrets(parts, session, app.id) : []
  const showHref = `${withQuery(appTabPath(app.id, 'credentials'), { show: 'secrets' })}#secrets`
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
