import { ActionForm } from '../../pages/action-form.tsx'
import { Time } from '../../pages/time.tsx'

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' })

export interface AccountApp {
  readonly id: string
  readonly name: string
  /** What it may see and do, each ending "It may …". */
  readonly sentences: readonly string[]
  readonly firstGrantedAt: Date
  readonly grantedAt: Date
  /** The organization's own, which the user was not asked about. */
  readonly firstParty?: boolean
}

export interface AccountApps {
  /** The one that was let in last comes first. */
  readonly list: readonly AccountApp[]
  /** Where the form is posted to; gets the app's id as `app`. */
  readonly revoke: string
}

interface AppsProps {
  readonly apps: AccountApps
  readonly hidden: Readonly<Record<string, string>> | undefined
  readonly now: Date
}

export function Apps({ apps, hidden, now }: AppsProps) {
  const { list, revoke } = apps
  return (
    <section class="card" aria-labelledby="apps">
      <h2 id="apps">Connected apps</h2>
      {list.length === 0 ? (
        <p class="small">You haven't connected any apps yet.</p>
      ) : (
        <ul class="sessions">
          {list.map((app) => (
            <AppRow key={app.id} app={app} action={revoke} hidden={hidden} now={now} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface AppRowProps extends Pick<AppsProps, 'hidden' | 'now'> {
  readonly app: AccountApp
  readonly action: string
}

function AppRow({ app, action, hidden, now }: AppRowProps) {
  return (
    <li>
      <div>
        <h3>{app.name}</h3>
        <p class="small">It can {listFormat.format(app.sentences)}.</p>
        <p class="small">
          {app.firstParty && 'From your organization, '}
          <span class="whole">
            {app.firstParty ? 'first used ' : 'Access granted '}
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
        </p>
      </div>
      <ActionForm action={action} hidden={{ ...hidden, app: app.id }} label="Revoke" object={`access of ${app.name}`} />
    </li>
  )
}
