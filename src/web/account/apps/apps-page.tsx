/** `/account/apps`: the apps that have access to the account. */
import type { Consent } from '../../../broker/ports/durable.ts'
import { withQuery } from '../../../http/destination.ts'
import { Labelled, LinkButton } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { accountSections } from '../sections.ts'

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' })

export interface AccountApp extends Pick<Consent, 'appId' | 'firstGrantedAt' | 'grantedAt'> {
  readonly name: string
  /** Permissions of the app, each completing "It can …". */
  readonly sentences: readonly string[]
  /** The organization's own, which the user was not asked about. */
  readonly firstParty?: boolean
  /** When it last received tokens, as far as is known. */
  readonly lastAccessAt?: Date | undefined
}

export interface AppsPageProps {
  readonly viewer: AccountViewer
  /** Apps in the order of the page. */
  readonly apps: readonly AccountApp[]
  readonly notice?: string | undefined
  readonly now: Date
}

const { path } = accountSections.apps

export function appsPage({ viewer, apps, notice, now }: AppsPageProps): string {
  return accountLayout({
    section: 'apps',
    viewer,
    notice,
    children: (
      <section class="card">
        {apps.length === 0 ? (
          <p>You haven't connected any apps yet. An app is listed here once it has access to your account.</p>
        ) : (
          <>
            <p class="small">Apps that can see or use your account.</p>
            <ul class="sessions">
              {apps.map((app) => (
                <AppRow key={app.appId} app={app} now={now} />
              ))}
            </ul>
          </>
        )}
      </section>
    ),
  })
}

function AppRow({ app, now }: { readonly app: AccountApp; readonly now: Date }) {
  return (
    <li>
      <div>
        <h2>{app.name}</h2>
        <p class="small">It can {listFormat.format(app.sentences)}.</p>
        <p class="small">
          {app.firstParty && 'From your organization. '}
          <span class="whole">
            {app.firstParty ? 'First used ' : 'Access granted '}
            <Time at={app.firstGrantedAt} now={now} />
          </span>
          {!app.firstParty && app.grantedAt.getTime() !== app.firstGrantedAt.getTime() && (
            <>
              {', '}
              <span class="whole">
                renewed <Time at={app.grantedAt} now={now} />
              </span>
            </>
          )}
          {app.lastAccessAt !== undefined && (
            <>
              {', '}
              <span class="whole">
                last access <Time at={app.lastAccessAt} now={now} />
              </span>
            </>
          )}
        </p>
      </div>
      <LinkButton
        href={withQuery(`${path}/revoke`, { app: app.appId })}
        label={<Labelled label="Revoke" object={`access of ${app.name}`} />}
        quiet
      />
    </li>
  )
}

interface RevokePageProps {
  readonly viewer: AccountViewer
  readonly app: Pick<AccountApp, 'appId' | 'name' | 'firstParty'>
}

export function revokeAppPage({ viewer, app }: RevokePageProps): string {
  return confirmPage({
    section: 'apps',
    viewer,
    title: `Revoke access of ${app.name}?`,
    label: 'Revoke access',
    danger: true,
    action: `${path}/revoke`,
    hidden: { app: app.appId },
    cancelHref: path,
    children: (
      <p>
        {app.name} is signed out and can no longer use your account.{' '}
        {app.firstParty
          ? 'As it is from your organization, it gets access again when you sign in to it.'
          : 'It asks you again when you sign in to it.'}
      </p>
    ),
  })
}
